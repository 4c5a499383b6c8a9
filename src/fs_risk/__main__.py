"""``python -m fs_risk``: the command line."""

from fs_risk.cli import main

if __name__ == "__main__":
    main()
