"""Backups: a folder of encrypted parts, which any number of sets share.

    identity.age | recipient     what parts are encrypted to: a key that the passphrase opens, or one that is kept elsewhere
    objects/ab/<key>.age         the bytes of a version; they never change, so that each is copied once
    archives/<name>.age          archived events
    sets/<when>/                 one backup: database.age, secrets.age, manifest.age, objects.sums, SHA256SUMS

``secrets`` are the key file and the settings. The two lists are of the form that ``sha256sum --check`` reads, in the set's folder.
The manifest says what the set is, covers both lists, and is signed by the portal's own key.
"""
