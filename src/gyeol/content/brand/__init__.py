"""The brand's voice as data: a guide, a lint that holds texts against it, a composer that writes within it, and colours."""
