"""auditkit.toml, environment and flags: one frozen set of settings, and the keys they name."""

from auditkit.config.file import CaptureSection, DatasetSection
from auditkit.config.keys import policy_from, signers_from, stamping_from, trust_from
from auditkit.config.settings import Settings, load_settings, user_cache_dir, user_config_dir

__all__ = [
    "CaptureSection",
    "DatasetSection",
    "Settings",
    "load_settings",
    "policy_from",
    "signers_from",
    "stamping_from",
    "trust_from",
    "user_cache_dir",
    "user_config_dir",
]
