"""Adapters in JavaScript, as IBM published them: ``<Name>.xml`` and ``<Name>-impl.js``.

They run in quickjs-ng (the extra ``js``), one child process for each, and call the same :data:`host.wl.WL` as Python
adapters. https://pypi.org/project/quickjs-ng/
"""

from host.javascript.loading import load_script, script_file
from host.javascript.script import Script

__all__ = ["Script", "load_script", "script_file"]
