from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Names with a hash of their content, inside JavaScript modules too."""

    support_js_module_import_aggregation = True
