import os

import pytest

from auditkit.errors import (
    EnvelopeError,
    NothingToVerifyError,
    SidecarError,
    StorageError,
    TargetNotFoundError,
    UnreadableError,
    UsageError,
)
from auditkit.schemes import MANIFEST_BUNDLE, MAX_BUNDLE_BYTES, UNSIGNED_MANIFEST
from auditkit.stores.evidence import MAX_BUNDLES, EvidenceFolder, find_evidence
from auditkit.stores.writing import write_bundle_file, write_evidence

RUN = "0192f7a4-6b3c-7d21-9a4e-5f60718293a4"
FILES = {MANIFEST_BUNDLE: b"bundle", "train.parquet": b"inventory"}


@pytest.fixture
def folder(tmp_path):
    write_evidence(tmp_path / RUN, FILES)
    return tmp_path / RUN


def sparse(path, size):
    path.touch()
    os.truncate(path, size)


class TestWriteEvidence:
    def test_all_files_and_no_others(self, tmp_path):
        write_evidence(tmp_path / "evidence" / RUN, FILES)
        written = {p.name: p.read_bytes() for p in (tmp_path / "evidence" / RUN).iterdir()}
        assert written == FILES
        assert [p.name for p in (tmp_path / "evidence").iterdir()] == [RUN]

    @pytest.mark.parametrize("existing", ["file", "empty", "full", "link"])
    def test_existing_target_is_refused(self, tmp_path, existing):
        target = tmp_path / existing
        if existing == "file":
            target.write_bytes(b"")
        elif existing == "link":
            target.symlink_to(tmp_path / "nowhere")
        else:
            target.mkdir()
        if existing == "full":
            (target / "precious").touch()
        with pytest.raises(StorageError, match="already exists"):
            write_evidence(target, FILES)
        assert [p.name for p in tmp_path.iterdir()] == [existing]

    @pytest.mark.parametrize("name", ["../up", "a/b", ".hidden", "", "a\n", "/etc/x", "-x"])
    def test_unsafe_names_are_refused(self, tmp_path, name):
        with pytest.raises(ValueError, match="not a sidecar's name"):
            write_evidence(tmp_path / RUN, {name: b""})
        assert not list(tmp_path.iterdir())

    def test_parent_that_is_a_file(self, tmp_path):
        (tmp_path / "file").touch()
        with pytest.raises(StorageError):
            write_evidence(tmp_path / "file" / RUN, FILES)


class TestWriteBundleFile:
    def test_bundle_and_sidecars(self, tmp_path):
        write_bundle_file(tmp_path / "x.sigstore.json", b"bundle", {"a.parquet": b"a"})
        assert (tmp_path / "x.sigstore.json").read_bytes() == b"bundle"
        assert (tmp_path / "x.evidence" / "a.parquet").read_bytes() == b"a"

    def test_other_names_are_refused(self, tmp_path):
        for name in ("x.json", ".sigstore.json"):
            with pytest.raises(UsageError, match="ends in"):
                write_bundle_file(tmp_path / name, b"", {})

    @pytest.mark.parametrize("existing", ["x.sigstore.json", "x.evidence"])
    def test_nothing_is_overwritten(self, tmp_path, existing):
        (tmp_path / existing).touch()
        with pytest.raises(StorageError, match="already exists"):
            write_bundle_file(tmp_path / "x.sigstore.json", b"bundle", {"a": b"a"})
        assert [p.name for p in tmp_path.iterdir()] == [existing]


class TestOpen:
    def test_folder(self, folder):
        (folder / UNSIGNED_MANIFEST).write_bytes(b"payload")
        evidence = EvidenceFolder.open(folder)
        assert [(b.name, b.path, b.data) for b in evidence.bundles()] == [
            (MANIFEST_BUNDLE, folder / MANIFEST_BUNDLE, b"bundle")
        ]
        assert evidence.unsigned() == b"payload"
        assert evidence.sidecar("train.parquet", limit=9) == b"inventory"
        assert evidence.names() == (MANIFEST_BUNDLE, UNSIGNED_MANIFEST, "train.parquet")

    def test_the_main_bundle_comes_first_then_its_siblings(self, folder):
        for keyid in ("ffffffff", "00000000"):
            (folder / f"manifest.{keyid}.sigstore.json").touch()
        for other in ("manifest.zz.sigstore.json", "other.sigstore.json"):
            (folder / other).touch()
        names = ["manifest.00000000.sigstore.json", "manifest.ffffffff.sigstore.json"]
        assert list(EvidenceFolder.open(folder).bundle_names) == [MANIFEST_BUNDLE, *names]
        opened = EvidenceFolder.open(folder / names[1])
        assert list(opened.bundle_names) == [names[1], MANIFEST_BUNDLE, names[0]]
        assert opened.sidecar("train.parquet", limit=9) == b"inventory"

    def test_bundle_inside_a_folder(self, folder):
        evidence = EvidenceFolder.open(folder / MANIFEST_BUNDLE)
        assert evidence.sidecar("train.parquet", limit=9) == b"inventory"
        assert evidence.unsigned() is None

    @pytest.mark.parametrize("name", ["x", "manifest", "my run", "x.0123abcd"])
    def test_free_standing_bundle(self, tmp_path, name):
        path = tmp_path / f"{name}.sigstore.json"
        write_bundle_file(path, b"bundle", {"a.parquet": b"a"})
        evidence = EvidenceFolder.open(path)
        assert [b.data for b in evidence.bundles()] == [b"bundle"]
        assert evidence.sidecar("a.parquet", limit=1) == b"a"
        assert evidence.names() == ("a.parquet",)

    def test_sibling_of_a_free_standing_bundle_shares_its_sidecars(self, tmp_path):
        write_bundle_file(tmp_path / "x.sigstore.json", b"one", {"a.parquet": b"a"})
        (tmp_path / "x.0123abcd.sigstore.json").write_bytes(b"two")
        evidence = EvidenceFolder.open(tmp_path / "x.0123abcd.sigstore.json")
        assert [b.data for b in evidence.bundles()] == [b"two", b"one"]
        assert evidence.sidecar("a.parquet", limit=1) == b"a"

    def test_free_standing_bundle_whose_sidecars_are_gone(self, tmp_path):
        (tmp_path / "x.sigstore.json").write_bytes(b"bundle")
        (tmp_path / "a.parquet").write_bytes(b"a")
        evidence = EvidenceFolder.open(tmp_path / "x.sigstore.json")
        assert evidence.names() == ()
        with pytest.raises(SidecarError, match="is missing"):
            evidence.sidecar("a.parquet", limit=1)

    def test_unsigned_statement(self, tmp_path):
        write_evidence(tmp_path / RUN, {UNSIGNED_MANIFEST: b"payload", "a": b"a"})
        for path in (tmp_path / RUN, tmp_path / RUN / UNSIGNED_MANIFEST):
            evidence = EvidenceFolder.open(path)
            assert evidence.bundles() == ()
            assert evidence.unsigned() == b"payload"
            assert evidence.sidecar("a", limit=1) == b"a"

    def test_link_that_the_user_names(self, folder, tmp_path):
        (tmp_path / "latest").symlink_to(folder)
        (tmp_path / "latest.sigstore.json").symlink_to(folder / MANIFEST_BUNDLE)
        for name in ("latest", "latest.sigstore.json"):
            evidence = EvidenceFolder.open(tmp_path / name)
            assert [b.data for b in evidence.bundles()] == [b"bundle"]
            assert evidence.sidecar("train.parquet", limit=9) == b"inventory"

    def test_a_run_folder_without_its_manifest_is_still_evidence(self, folder):
        (folder / MANIFEST_BUNDLE).unlink()
        evidence = EvidenceFolder.open(folder)
        assert evidence.bundles() == ()
        assert evidence.unsigned() is None

    def test_folder_without_a_manifest(self, tmp_path):
        with pytest.raises(NothingToVerifyError) as caught:
            EvidenceFolder.open(tmp_path)
        assert caught.value.exit_code == 3

    @pytest.mark.parametrize("name", ["absent", "file/absent", "file", "nul\0", "x" * 300])
    def test_what_is_no_evidence(self, tmp_path, name):
        (tmp_path / "file").touch()
        with pytest.raises((TargetNotFoundError, UnreadableError)) as caught:
            EvidenceFolder.open(tmp_path / name)
        assert caught.value.hint


class TestHostileFolders:
    @pytest.mark.parametrize("make", ["link", "pipe", "folder", "large"])
    def test_bundle(self, folder, make):
        self.spoil(folder / MANIFEST_BUNDLE, make, MAX_BUNDLE_BYTES + 1)
        evidence = EvidenceFolder.open(folder)
        with pytest.raises(EnvelopeError) as caught:
            evidence.bundles()
        assert MANIFEST_BUNDLE in str(caught.value)

    @pytest.mark.parametrize("make", ["link", "pipe", "folder", "large"])
    def test_sidecar(self, folder, make):
        self.spoil(folder / "train.parquet", make, 101)
        evidence = EvidenceFolder.open(folder)
        with pytest.raises(SidecarError, match=r"regular file|more than 100 bytes"):
            evidence.sidecar("train.parquet", limit=100)

    @staticmethod
    def spoil(path, make, size):
        path.unlink()
        if make == "link":
            path.symlink_to("/etc/hostname")
        elif make == "pipe":
            os.mkfifo(path)
        elif make == "folder":
            path.mkdir()
        else:
            sparse(path, size)

    @pytest.mark.parametrize("name", ["../outside", "/etc/hostname", "", ".", "a/b", "a\0", "a\n"])
    def test_sidecar_names_cannot_leave_the_folder(self, folder, name):
        (folder.parent / "outside").touch()
        with pytest.raises(SidecarError, match="not a sidecar's name"):
            EvidenceFolder.open(folder).sidecar(name, limit=100)

    def test_a_sidecar_folder_that_is_a_link(self, tmp_path):
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere" / "a").touch()
        (tmp_path / "x.sigstore.json").touch()
        (tmp_path / "x.evidence").symlink_to(tmp_path / "elsewhere")
        evidence = EvidenceFolder.open(tmp_path / "x.sigstore.json")
        with pytest.raises(SidecarError, match="symbolic link"):
            evidence.sidecar("a", limit=1)

    def test_a_thousand_bundles_are_refused_without_reading_them(self, folder):
        for number in range(1000):
            os.mkfifo(folder / f"manifest.{number:08x}.sigstore.json")
        with pytest.raises(EnvelopeError, match=f"1001 bundles, more than {MAX_BUNDLES}"):
            EvidenceFolder.open(folder).bundles()

    def test_bundles_are_bounded_together(self, folder):
        for number in range(5):
            sparse(folder / f"manifest.{number:08x}.sigstore.json", MAX_BUNDLE_BYTES)
        with pytest.raises(EnvelopeError, match="more than"):
            EvidenceFolder.open(folder).bundles()

    def test_names_leaves_out_what_no_sidecar_can_be_called(self, folder):
        for name in (b"\xff", b"a\nb", b".x", b"caf\xc3\xa9"):
            (folder / os.fsdecode(name)).touch()
        assert EvidenceFolder.open(folder).names() == tuple(sorted(FILES))


class TestFindEvidence:
    def test_one_and_two_levels_deep_in_order(self, tmp_path):
        for name in ("b", "a", "ci/7", "ci/6", "too/deep/down"):
            write_evidence(tmp_path / name, FILES)
        write_evidence(tmp_path / "u", {UNSIGNED_MANIFEST: b""})
        write_bundle_file(tmp_path / "x.sigstore.json", b"", {"s": b""})
        (tmp_path / "x.0123abcd.sigstore.json").touch()
        (tmp_path / "empty").mkdir()
        found = [str(p.relative_to(tmp_path)) for p in find_evidence(tmp_path)]
        assert found == ["a", "b", "ci/6", "ci/7", "u", "x.sigstore.json"]

    def test_everything_found_can_be_opened(self, tmp_path):
        write_evidence(tmp_path / "ci" / RUN, FILES)
        write_bundle_file(tmp_path / "x.sigstore.json", b"", {"s": b""})
        for path in find_evidence(tmp_path):
            assert EvidenceFolder.open(path).bundles()

    def test_stripping_the_manifest_does_not_hide_the_run(self, folder):
        (folder / MANIFEST_BUNDLE).unlink()
        assert find_evidence(folder.parent) == [folder]

    def test_the_main_bundle_gone_and_a_sibling_left(self, tmp_path):
        write_evidence(tmp_path / "a", {"manifest.0123abcd.sigstore.json": b""})
        (tmp_path / "x.0123abcd.sigstore.json").touch()
        assert len(find_evidence(tmp_path)) == 2

    def test_an_evidence_folder_finds_itself(self, folder):
        assert find_evidence(folder) == [folder]

    def test_links_and_unfinished_folders_are_left_out(self, folder):
        (folder.parent / "link").symlink_to(folder)
        write_evidence(folder.parent / "kept", FILES)
        (folder.parent / "kept").rename(folder.parent / ".tmp-0011")
        assert find_evidence(folder.parent) == [folder]

    def test_no_folder(self, tmp_path):
        assert find_evidence(tmp_path / "absent") == []
