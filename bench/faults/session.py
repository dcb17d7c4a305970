"""Commands run in one process, which saves imports: reads a line of words, writes exit code and output."""

import io
import json
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout


def answer_command(words: list[str]) -> tuple[int, str]:
    """The exit code and the output of one command."""
    from risk.cli.app import main

    output, code = io.StringIO(), 0
    sys.argv[1:] = words
    with redirect_stdout(output), redirect_stderr(output):
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
            print(ended.code if isinstance(ended.code, str) else "")
        except Exception:
            code = 70
            traceback.print_exc()
    return code, output.getvalue()


if __name__ == "__main__":
    sys.path[0] = sys.argv[1]
    replies = sys.stdout
    for line in sys.stdin:
        print(json.dumps(answer_command(json.loads(line))), file=replies, flush=True)
