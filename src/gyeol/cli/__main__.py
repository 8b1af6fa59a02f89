"""``python -m gyeol.cli``."""

from gyeol.cli.main import main

if __name__ == "__main__":
    main()
