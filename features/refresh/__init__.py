"""New issues of the sources: fetched or given, compiled aside, compared with those in use, put in place or back."""
