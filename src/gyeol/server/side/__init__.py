"""The side process: the API and the console's files on the internal port, the lake's writer, the sender."""
