"""What can go wrong made to go wrong: commands killed, writers crowded, bytes flipped, a folder worked hard."""
