"""How each contender of both `_peers` scripts is trained, used and scored."""
