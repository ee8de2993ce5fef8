/*
 * User-mode Linux before 6.13 keeps a fixed 2696 bytes for a process's vector
 * registers.  On CPUs with more of them (AMX: 11 KB) the host refuses to take
 * back a part, and the guest panics at its first process.  Guests never use
 * the registers beyond, so hand the host a whole set with zeros at its end.
 *
 * Loaded into linux.uml through LD_PRELOAD, on such CPUs only.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static char whole_set[1 << 16];

/* The size that this host wants, asked once; 0 when it cannot be learned. */
static size_t wanted_size(pid_t pid)
{
	static size_t size;
	struct iovec everything = { whole_set, sizeof(whole_set) };

	if (size == 0 &&
	    syscall(SYS_ptrace, PTRACE_GETREGSET, pid, NT_X86_XSTATE, &everything) == 0) {
		size = everything.iov_len;
		memset(whole_set, 0, sizeof(whole_set));
	}
	return size;
}

long ptrace(enum __ptrace_request request, ...)
{
	va_list arguments;
	va_start(arguments, request);
	pid_t pid = va_arg(arguments, pid_t);
	void *address = va_arg(arguments, void *);
	void *data = va_arg(arguments, void *);
	va_end(arguments);

	if (request == PTRACE_SETREGSET && (long)address == NT_X86_XSTATE) {
		const struct iovec *part = data;
		struct iovec whole = { whole_set, wanted_size(pid) };

		if (whole.iov_len > part->iov_len) {
			memcpy(whole_set, part->iov_base, part->iov_len);
			return syscall(SYS_ptrace, request, pid, address, &whole);
		}
	}

	/* The kernel stores a peeked word; the C library returns it. */
	if (request == PTRACE_PEEKTEXT || request == PTRACE_PEEKDATA || request == PTRACE_PEEKUSER) {
		long word;
		long result = syscall(SYS_ptrace, request, pid, address, &word);

		if (result == 0)
			errno = 0;
		return result == 0 ? word : result;
	}
	return syscall(SYS_ptrace, request, pid, address, data);
}
