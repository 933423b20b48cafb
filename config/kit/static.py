"""Static files under names that tell their content, so that browsers keep them for good."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Named(CompressedManifestStaticFilesStorage):
    """Scripts that import each other do so by these names, too; a source map may be missing."""

    support_js_module_import_aggregation = True
    manifest_strict = True
