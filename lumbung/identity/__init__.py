"""Who is who: the rules for NIKs, names and addresses that linkage and verification stand on."""
