"""Gather the published files of one source in a folder, under the names its reader expects."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from features.bad_input import BadInput
from features.refresh.fetch import FetchLimits, fetch_file
from features.refresh.layouts import adapt_layout
from features.refresh.unpack import LARGEST_UNPACKED, find_listed_file, unpack_file
from features.snapshot.card_downloads import FileAddress, FileDownload
from features.snapshot.cards import SourceCard

FETCH_CACHE = ".fetched"


@dataclass
class GatheredFiles:
    """A folder with all files of a source: how each was obtained, their releases, and notes on failed attempts."""

    folder: Path
    methods: list[str] = field(default_factory=list)
    releases: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def count_address_ranks(card: SourceCard) -> int:
    """The largest number of alternative addresses of any file."""
    return max((len(download.addresses) for download in card.downloads), default=0)


def gather_by_fetching(
    card: SourceCard,
    rank: int,
    into: Path,
    cache: Path,
    today: date,
    limits: FetchLimits,
    largest: int = LARGEST_UNPACKED,
) -> GatheredFiles:
    """Fetch a source's files into `into`, from the addresses at `rank` and, if they fail, the next ones.

    A file that only a person can obtain is taken from the cache. Raises BadInput if a file cannot be obtained.
    """
    gathered = GatheredFiles(into)
    for download in card.downloads:
        if download.addresses:
            _gather_download(download, rank, gathered, cache, today, limits, largest)
        else:
            _copy_kept_download(download, gathered, cache)
    return gathered


def gather_from_folder(card: SourceCard, source_folder: Path, into: Path) -> GatheredFiles | None:
    """A source's files from a folder a person supplied; None if it has none of them, BadInput if some are missing."""
    present = [name for name in card.published if (source_folder / name).is_file()]
    if not present:
        return None
    missing = sorted(set(card.published) - set(present))
    if missing:
        raise BadInput(f"found {len(present)} of {len(card.published)} files; missing: {', '.join(missing)}")
    gathered = GatheredFiles(into)
    for name in present:
        _copy_file(source_folder / name, into / name)
        gathered.methods.append("given")
    return gathered


def keep_downloads(gathered: GatheredFiles, card: SourceCard, cache: Path) -> None:
    """Store the compiled files in the cache under their published names."""
    for name in card.published:
        _copy_file(gathered.folder / name, cache / name)


def _gather_download(
    download: FileDownload,
    rank: int,
    gathered: GatheredFiles,
    cache: Path,
    today: date,
    limits: FetchLimits,
    largest: int,
) -> None:
    """Fetch the file from the first address that works, starting at `rank` or at the last address."""
    first = min(rank, len(download.addresses) - 1)
    failures = []
    for position, address in enumerate(download.addresses[first:], first):
        try:
            _fetch_from_address(address, gathered.folder / download.file, cache / FETCH_CACHE, today, limits, largest)
        except BadInput as error:
            failures.append(str(error))
            continue
        gathered.methods.append("fetched" if not position else "fetched from the alternative")
        gathered.releases.append(address.release)
        gathered.notes += [f"{download.file}: {failure}" for failure in failures]
        return
    raise BadInput(f"{download.file}: {'; then '.join(failures)}")


def _fetch_from_address(
    address: FileAddress, to: Path, cache: Path, today: date, limits: FetchLimits, largest: int
) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=to.parent) as folder:
        texts = [Path(folder) / f"{position}.csv" for position in range(len(address.urls))]
        for url, text in zip(_list_file_urls(address, cache, today, limits), texts, strict=True):
            packed = fetch_file(url, cache, today, limits)
            try:
                unpack_file(packed, address, text, largest)
            except BadInput as error:
                raise BadInput(f"{url}: {error}") from None
        try:
            adapt_layout(address.layout, texts, to)
        except BadInput as error:
            # The reader's messages name a temporary file; the address is more useful.
            raise BadInput(f"{address.urls[0]}: {str(error).removeprefix(f'{folder}/')}") from None


def _list_file_urls(address: FileAddress, cache: Path, today: date, limits: FetchLimits) -> Iterator[str]:
    """The addresses of the files; for Dataverse, the address of the file in its listing."""
    if address.kind != "dataverse":
        yield from address.urls
        return
    for url in address.urls:
        listing = fetch_file(url, cache, today, limits)
        try:
            yield find_listed_file(listing, address)
        except BadInput as error:
            raise BadInput(f"{url}: {error}") from None


def _copy_kept_download(download: FileDownload, gathered: GatheredFiles, cache: Path) -> None:
    cached = cache / download.file
    if not cached.is_file():
        raise BadInput(f"{download.file} needs a person: {download.person or 'the card gives no address'}")
    _copy_file(cached, gathered.folder / download.file)
    gathered.methods.append("given before")


def _copy_file(path: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    temporary = to.with_name(to.name + ".new")
    shutil.copyfile(path, temporary)
    temporary.replace(to)


def list_gather_methods(gathered: GatheredFiles) -> Sequence[str]:
    """The different ways in which the files were obtained; more than one may mean different releases."""
    return sorted(set(gathered.methods))
