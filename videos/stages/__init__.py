"""One file a stage; importing this package registers them all."""

from videos.stages import captions, thumbnail, visuals

__all__ = ["captions", "thumbnail", "visuals"]
