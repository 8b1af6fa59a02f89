"""People who may be one: attributes of a record, how likeness is weighed, what is learnt from the workspace's own people. No I/O."""
