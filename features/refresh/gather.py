"""The published files of one source, brought together in a folder under the names its reader takes."""

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
    """A folder with all files of a source, how each was had, and what was tried before in vain."""

    folder: Path
    methods: list[str] = field(default_factory=list)
    releases: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def count_address_ranks(card: SourceCard) -> int:
    """How many rounds are worth trying: one a rank of address."""
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
    """Fetch a source's files into `into`, from the addresses at `rank` and, where they fail, those behind.

    A file that only a person can get is taken from the cache. Raises BadInput where one cannot be had.
    """
    gathered = GatheredFiles(into)
    for download in card.downloads:
        if download.addresses:
            _gather_download(download, rank, gathered, cache, today, limits, largest)
        else:
            _copy_kept_download(download, gathered, cache)
    return gathered


def gather_from_folder(card: SourceCard, given: Path, into: Path) -> GatheredFiles | None:
    """A source's files as a person laid them out; None where there is none of them, refused where some are missing."""
    here = [name for name in card.published if (given / name).is_file()]
    if not here:
        return None
    missing = sorted(set(card.published) - set(here))
    if missing:
        raise BadInput(f"{len(here)} of {len(card.published)} files are there; missing {', '.join(missing)}")
    gathered = GatheredFiles(into)
    for name in here:
        _copy_file(given / name, into / name)
        gathered.methods.append("given")
    return gathered


def keep_downloads(gathered: GatheredFiles, card: SourceCard, cache: Path) -> None:
    """Keep the files that were compiled in the cache, under their published names."""
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
    """The file from the first address that yields it, beginning at `rank` or at the last one there is."""
    first = min(rank, len(download.addresses) - 1)
    failed = []
    for at, address in enumerate(download.addresses[first:], first):
        try:
            _fetch_from_address(address, gathered.folder / download.file, cache / FETCH_CACHE, today, limits, largest)
        except BadInput as error:
            failed.append(str(error))
            continue
        gathered.methods.append("fetched" if not at else "fetched from the alternative")
        gathered.releases.append(address.release)
        gathered.notes += [f"{download.file}: {why}" for why in failed]
        return
    raise BadInput(f"{download.file}: {'; then '.join(failed)}")


def _fetch_from_address(
    address: FileAddress, to: Path, cache: Path, today: date, limits: FetchLimits, largest: int
) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=to.parent) as folder:
        texts = [Path(folder) / f"{at}.csv" for at in range(len(address.urls))]
        for url, text in zip(_list_file_urls(address, cache, today, limits), texts, strict=True):
            packed = fetch_file(url, cache, today, limits)
            try:
                unpack_file(packed, address, text, largest)
            except BadInput as error:
                raise BadInput(f"{url}: {error}") from None
        try:
            adapt_layout(address.layout, texts, to)
        except BadInput as error:
            # The reader's messages name a file that nobody will find; the address says more.
            raise BadInput(f"{address.urls[0]}: {str(error).removeprefix(f'{folder}/')}") from None


def _list_file_urls(address: FileAddress, cache: Path, today: date, limits: FetchLimits) -> Iterator[str]:
    """The addresses of the files; a Dataverse listing is read for that of the file it lists."""
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
    kept = cache / download.file
    if not kept.is_file():
        raise BadInput(f"{download.file} needs a person: {download.person or 'the card gives no address'}")
    _copy_file(kept, gathered.folder / download.file)
    gathered.methods.append("given before")


def _copy_file(path: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    aside = to.with_name(to.name + ".new")
    shutil.copyfile(path, aside)
    aside.replace(to)


def list_gather_methods(gathered: GatheredFiles) -> Sequence[str]:
    """The different ways the files of one source were had: more than one means different issues, perhaps."""
    return sorted(set(gathered.methods))
