"""The child process of one JavaScript adapter: an engine between two pipes.

Started as a program of its own; it imports nothing of the host, holds no secret, and the engine has neither files nor
network. Its first line says how many bytes of setup, prelude and script follow; each line after that is a request.
"""

import os
import resource
import signal
import sys
import threading

_MOST_ADDRESS_SPACE = 768 << 20
_LOOK_SECONDS = 0.5
_STACK = 1 << 20
_FULL = 0.75  # of the memory limit: what is left would not do for the next call


def _main() -> None:
    sys.path.append(sys.argv[1])
    import _quickjs  # noqa: PLC0415 - its folder came as an argument; the package around it takes longer to import

    _live_as_child()
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    memory, *sizes = (int(each) for each in requests.readline().split())
    setup, prelude, script = (requests.read(size).decode() for size in sizes)

    def tell(line: str) -> None:
        try:
            answers.write(line.encode() + b"\n")
            answers.flush()
        except OSError:  # an exception must not reach the engine: it would be lost in it
            os._exit(1)

    def ask(line: str) -> str:
        tell(line)
        if not (answer := requests.readline()):
            os._exit(0)
        return answer.decode()

    engine = _quickjs.Context()
    engine.set_memory_limit(memory)
    engine.set_max_stack_size(_STACK)
    begin, parse = engine.eval(prelude), engine.eval("JSON.parse")
    engine.add_callable("$wlAsk", ask)
    engine.add_callable("$wlTell", tell)
    serve = begin(engine.eval("globalThis"), engine.eval("$wlAsk"), engine.eval("$wlTell"), parse(setup))
    engine.eval("delete globalThis.$wlAsk; delete globalThis.$wlTell;")

    def is_full() -> bool:
        engine.gc()
        return bool(engine.memory()["memory_used_size"] > memory * _FULL)

    try:
        engine.eval(script)
        tell('["loaded"]')
    except Exception as error:  # noqa: BLE001 - whatever the script threw
        tell(_unloaded(str(error)))
        return
    while line := requests.readline():
        try:
            answer = serve(line.decode())
        except Exception:  # noqa: BLE001 - only want of memory leads here
            answer = f'["failed","","it ran out of memory ({memory >> 20} MB)",""]'
        if answer.startswith('["failed"') and is_full():
            tell('["full"]')
        tell(answer)


def _unloaded(text: str) -> str:
    import json  # noqa: PLC0415 - rarely needed, and the start is to be quick

    return json.dumps(["unloaded", text])


def _live_as_child() -> None:
    """Within limits, and for as long as the host."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # terminals and systemd tell the whole group
        signal.signal(each, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    for which, most in (
        (resource.RLIMIT_AS, _MOST_ADDRESS_SPACE),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        _, hard = resource.getrlimit(which)
        resource.setrlimit(which, (most if hard < 0 else min(most, hard), hard))


def _end_with_parent(parent: int) -> None:
    """A killed host reads no pipe; a script that loops would go on for ever."""
    never = threading.Event()
    while os.getppid() == parent:
        never.wait(_LOOK_SECONDS)
    os._exit(1)


_main()
