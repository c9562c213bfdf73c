"""``python -m host`` is ``smshost``: the command line, imported quickly."""

import gc


def main() -> None:
    """Run a command.

    Nothing that is imported ever becomes garbage. Python need not look for any meanwhile, which took an eighth of the
    start, nor later go through all of it again while it serves.
    """
    gc.disable()
    from host import cli  # noqa: PLC0415 - it is what the collector is to leave alone

    gc.freeze()
    gc.enable()
    cli.main()


if __name__ == "__main__":
    main()
