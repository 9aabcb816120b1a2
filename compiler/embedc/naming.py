"""The bundle's name: prefix of its C symbols and files."""

import re
import unicodedata

from embedc.diagnostics import fail
from embedc.emit.names import RESERVED

LONGEST = 40

_MATH = """acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp2 expm1 fabs fdim floor fma fmax
fmin fmod frexp hypot ilogb ldexp lgamma llrint llround log log10 log1p log2 logb lrint lround modf nan nearbyint nextafter
nexttoward pow remainder remquo rint round scalbln scalbn sin sinh sqrt tan tanh tgamma trunc j0 j1 jn y0 y1 yn gamma exp10
sincos drem significand cabs carg cimag conj cproj creal cacos cacosh casin casinh catan catanh ccos ccosh cexp clog cpow csin
csinh csqrt ctan ctanh"""

# Functions of C99 and the commoner ones of POSIX: a symbol of that name would take their place at link time.
_LIBRARY = """abort abs accept access alarm alloca asctime assert atexit atof atoi atol atoll bcmp bcopy bind bsearch btowc bzero
calloc chdir chmod chown clearerr clock close closedir connect crypt ctermid ctime daemon daylight difftime div dprintf dup dup2
environ errno execl execle execlp execv execve execvp exit fclose fcntl fdopen feof ferror fflush ffs fgetc fgetpos fgets fgetwc
fgetws fileno flock fopen fork fprintf fputc fputs fputwc fputws fread free freopen fscanf fseek fsetpos fstat fsync ftell
ftruncate fwide fwprintf fwrite fwscanf getc getchar getcwd getenv getegid geteuid getgid gethostname getline getopt getpid
getppid gets getuid getwc getwchar glob gmtime hash hcreate hsearch htonl htons iconv imaxabs imaxdiv index initstate ioctl
isalnum isalpha isascii isatty isblank iscntrl isdigit isfinite isgraph isinf islower isnan isnormal isprint ispunct isspace
isupper iswalnum iswalpha iswblank iswcntrl iswctype iswdigit iswgraph iswlower iswprint iswpunct iswspace iswupper iswxdigit
isxdigit kill labs lchown ldiv lfind link linux listen llabs lldiv localeconv localtime lockf longjmp lsearch lseek lstat main
malloc mblen mbrlen mbrtowc mbsinit mbsrtowcs mbstowcs mbtowc memalign memchr memcmp memcpy memmove memset mkdir mkfifo mknod
mkstemp mktemp mktime mlock mmap mount mprotect msync munmap nice ntohl ntohs offsetof open opendir optarg optind pause perror
pipe poll popen pread printf psignal ptrace putc putchar putenv puts putwc putwchar pwrite qsort raise rand random read readdir
readlink readv realloc realpath reboot recv regcomp regexec remove rename rewind rewinddir rindex rmdir scanf seekdir select send
sendto setbuf setenv setjmp setlocale setsid setuid setvbuf shutdown sigaction signal signbit sleep snprintf socket splice
sprintf srand srandom sscanf stat stpcpy strcasecmp strcat strchr strcmp strcoll strcpy strcspn strdup strerror strftime strlen
strncat strncmp strncpy strpbrk strrchr strspn strstr strtod strtof strtok strtol strtold strtoll strtoul strtoull strxfrm swab
swprintf swscanf symlink sync sysconf syscall syslog system tcflow telldir tdelete tempnam tfind time timer timezone times tmpfile
tmpnam toascii tolower toupper towctrans towlower towupper truncate tsearch ttyname twalk tzname tzset umask umount uname ungetc
ungetwc unix unlink unsetenv usleep utime va_arg va_copy va_end va_start vfork vfprintf vfscanf vfwprintf vfwscanf vprintf vscanf
vsnprintf vsprintf vsscanf vswprintf vswscanf vwprintf vwscanf wait waitpid warn warnx wcrtomb wcscat wcschr wcscmp wcscoll wcscpy
wcscspn wcsftime wcslen wcsncat wcsncmp wcsncpy wcspbrk wcsrchr wcsrtombs wcsspn wcsstr wcstod wcstof wcstok wcstol wcstold wcstoll
wcstombs wcstoul wcstoull wcsxfrm wctob wctomb wctrans wctype wmemchr wmemcmp wmemcpy wmemmove wmemset wprintf write writev wscanf"""

# <name>.h would hide these headers, <NAME>_OK these macros.
_HEADERS = """complex ctype features fenv immintrin inttypes iso646 limits locale math memory arm_neon riscv_vector stdarg stdbool
stddef stdint stdio stdlib string tgmath threads uchar unistd wchar wctype xmmintrin f r w x F R W X"""

_TAKEN = (
    RESERVED
    | frozenset((_LIBRARY + " " + _HEADERS).split())
    | {word + end for word in _MATH.split() for end in ("", "f", "l")}
)


def problem_with(name: str) -> str:
    """Why `name` cannot prefix C symbols; empty if it can."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
        return "it is not a C identifier that begins with a letter"
    if "__" in name:
        return "C++ reserves names with two underscores in a row"
    if name in _TAKEN:
        return "C or its library has that name"
    if name.lower() == "ec" or name.lower().startswith("ec_"):
        return "ec_ is the prefix of embedc's own names"
    return f"it is longer than {LONGEST} characters" if len(name) > LONGEST else ""


def checked_name(name: str) -> str:
    """A name that the user chose; an error if C has no room for it."""
    problem = problem_with(name)
    if problem:
        raise fail(f"the name '{name}' cannot be used: {problem}", hint=f"for example --name {name_from(name)}")
    return name


def name_from(text: str) -> str:
    """A usable name that resembles `text`, a file's stem or a graph's name."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    name = re.sub(r"[^0-9A-Za-z]+", "_", plain).strip("_")[:LONGEST].rstrip("_")
    if not name:
        return "model"
    if name[0].isdigit() or problem_with(name):
        name = f"model_{name}"[:LONGEST].rstrip("_")
    return name
