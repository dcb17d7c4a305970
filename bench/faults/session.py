"""Commands answered by one process, so that many need not import all anew: a line of words in, code and text out."""

import io
import json
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout


def answer_command(words: list[str]) -> tuple[int, str]:
    """The exit code of one command, and all that it printed."""
    from risk.cli.app import main

    said, code = io.StringIO(), 0
    sys.argv[1:] = words
    with redirect_stdout(said), redirect_stderr(said):
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
            print(ended.code if isinstance(ended.code, str) else "")
        except Exception:
            code = 70
            traceback.print_exc()
    return code, said.getvalue()


if __name__ == "__main__":
    sys.path[0] = sys.argv[1]
    told = sys.stdout
    for line in sys.stdin:
        print(json.dumps(answer_command(json.loads(line))), file=told, flush=True)
