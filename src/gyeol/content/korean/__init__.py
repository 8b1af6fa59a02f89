"""Korean as letters: syllables, particles after any word, sentences, and the level of speech that a sentence ends in."""
