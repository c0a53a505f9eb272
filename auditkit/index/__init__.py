"""Questions over many manifests, answered from an SQLite file in the user's cache folder.

The file is made from a source of manifests (an evidence folder, a registry), matched against it
before every question, and made again where it does not fit. Manifests in it are as they were found:
nothing here checks a signature, and no verdict is made from it.
"""
