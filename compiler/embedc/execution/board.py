"""Programs for boards without operating system: startup code, linker script, and what fits into their memory."""

from pathlib import Path

from embedc.manifest import Manifest
from embedc.targets.target import Board

FOLDER = Path(__file__).parent / "boards"
STACK = 64 << 10  # as the linker script reserves it
LIBRARY = 256 << 10  # the runner and the C library's code and constants
BUFFERS = 64 << 10  # of the C library's files
GUARDS = 2 * 4096  # of each area in the runner


def board_files(board: Board) -> dict[str, str]:
    """Startup code and linker script, with the board's memory written into memory.ld."""
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted((FOLDER / board.support).iterdir())}
    return files | {"memory.ld": memory_script(board)}


def memory_script(board: Board) -> str:
    """The board's memory as the linker script includes it."""
    regions = (("CODE (rx)", board.code), ("CONSTANTS (r)", board.constants), ("RAM (rwx)", board.ram))
    lines = (f"  {name} : ORIGIN = {region.origin:#010x}, LENGTH = {region.bytes:#010x}\n" for name, region in regions)
    return "MEMORY\n{\n" + "".join(lines) + "}\n"


def link_flags(board: Board) -> tuple[str, ...]:
    """What makes the linker put a program onto the board; files go through semihosting."""
    del board
    return ("-nostartfiles", "-Tlink.ld", "--specs=rdimon.specs", "-Wl,--gc-sections")


def shortage(manifest: Manifest, board: Board) -> str:
    """Why a bundle's runner does not fit into the board's memory; empty if it does."""
    constants = manifest.weights_bytes + LIBRARY
    ports = manifest.inputs + manifest.outputs
    areas = manifest.scratch_bytes + manifest.state_bytes + sum(2 * port.bytes for port in ports)
    ram = areas + GUARDS * (2 + len(ports)) + STACK + BUFFERS
    for what, needed, region in (("constants", constants, board.constants), ("memory", ram, board.ram)):
        if needed > region.bytes:
            return f"{board.name} has {region.bytes:,} bytes for {what}, the program needs {needed:,}"
    return ""
