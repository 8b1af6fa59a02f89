"""Writing variants of a content: from approved blocks, with no network; or by a service that speaks the OpenAI API, for drafts."""
