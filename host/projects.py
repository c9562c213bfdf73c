"""A project as IBM's Studio laid it out: ``adapters/``, ``server/conf/`` and ``apps/`` in one folder."""

from pathlib import Path

from host.errors import HostError


def adapters(project: Path) -> Path:
    """The folder whose folders are adapters."""
    return project / "adapters"


def configuration(project: Path) -> Path:
    """The folder of SMSConfig.xml, authenticationConfig.xml and worklight.properties."""
    return project / "server" / "conf"


def apps(project: Path | None) -> Path | None:
    """The folder of apps, whose descriptors may name gateways; None where there is no project."""
    return project / "apps" if project else None


def must_be_whole(project: Path | None) -> None:
    """Raise :class:`HostError`, naming what was looked for, where the folder is no project; None is whole."""
    missing = [str(each(project)) for each in (adapters, configuration) if project and not each(project).is_dir()]
    if missing:
        raise HostError(
            f"--project {project}: there is no folder {' and no folder '.join(missing)}; a project, as IBM laid it "
            "out, has its adapters in adapters/ and its configuration in server/conf/"
        )
