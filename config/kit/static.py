"""Static files under names that tell their content, so that browsers keep them for good."""

from typing import Any

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage

OURS = "js/*.js"
_base: Any = HashedFilesMixin
_, _imports = _base._js_module_import_aggregation_patterns


class Named(CompressedManifestStaticFilesStorage):
    """Scripts of ours import each other by these names, too. Those of packages stay as they are:
    some name source maps and modules that they do not bring along."""

    patterns = (*(one for one in _base.patterns if one[0] != "*.js"), (OURS, _imports))
