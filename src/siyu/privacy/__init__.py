"""Keys, pseudonyms, sealed contacts, consent and its proof, signed links, clean text, erasure and export."""
