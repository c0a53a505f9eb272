"""auditkit.toml, environment and flags: one frozen set of settings, and the keys they name."""

from auditkit.config.file import CaptureSection, DatasetSection
from auditkit.config.keys import policy_from, signers_from, stamping_from, trust_from
from auditkit.config.registry import (
    cosigner_from,
    log_signer_from,
    log_trust_from,
    log_view_from,
    memory_from,
    recording_from,
    registry_address,
    registry_from,
    trusted_logs_from,
)
from auditkit.config.settings import (
    Settings,
    load_settings,
    user_cache_dir,
    user_config_dir,
    user_state_dir,
)
from auditkit.config.sharedkey import shared_key_warnings

__all__ = [
    "CaptureSection",
    "DatasetSection",
    "Settings",
    "cosigner_from",
    "load_settings",
    "log_signer_from",
    "log_trust_from",
    "log_view_from",
    "memory_from",
    "policy_from",
    "recording_from",
    "registry_address",
    "registry_from",
    "shared_key_warnings",
    "signers_from",
    "stamping_from",
    "trust_from",
    "trusted_logs_from",
    "user_cache_dir",
    "user_config_dir",
    "user_state_dir",
]
