/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * What a successor needs to go on: the service's book, and the PF driver's. A memfd that is held
 * with vfio's descriptors; it ends with them. Only the same build can read it, since it is made of
 * our structures as they are.
 */

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon.h"
#include "dpdk_compat.h"
#include "pf_probe.h"

#define MAGIC       UINT64_C(0x316b706565636c73) /* "slceepk1" */
#define BUILD_BYTES 20                           /* of a SHA-1 */
#define ALIGNMENT   64

struct kept {
	uint64_t magic;
	uint8_t build[BUILD_BYTES];
	uint64_t service_bytes, books_bytes;
	/* Two, as the next are made while those in use must stay what they are. */
	uint32_t current; /* 1 or 2; 0: none yet */
	uint32_t whole;
	struct vf_service service;
};

static size_t
books_at(unsigned int which)
{
	size_t head = RTE_ALIGN_CEIL(sizeof(struct kept), ALIGNMENT);

	return head + which * RTE_ALIGN_CEIL(pf_kept_bytes(), ALIGNMENT);
}

static size_t
total_bytes(void)
{
	return books_at(2);
}

static int
create(void)
{
	int rc, fd = memfd_create("sluiced", MFD_CLOEXEC);

	if (fd >= 0 && ftruncate(fd, (off_t)total_bytes()) < 0) {
		rc = errno;
		close(fd);
		errno = rc;
		return -1;
	}
	return fd;
}

/* The note of the linker's --build-id, in the program itself: the first of the list. */
static int
find_build(struct dl_phdr_info *info, size_t size, void *build)
{
	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		const char *at = (const char *)info->dlpi_addr + header->p_vaddr;
		const char *end = at + header->p_memsz;

		while (header->p_type == PT_NOTE && at + sizeof(ElfW(Nhdr)) < end) {
			const ElfW(Nhdr) *note = (const ElfW(Nhdr) *)at;
			const char *name = at + sizeof(*note);
			const char *text = name + RTE_ALIGN_CEIL(note->n_namesz, 4);

			if (note->n_type == NT_GNU_BUILD_ID && strcmp(name, "GNU") == 0 &&
			    note->n_descsz == BUILD_BYTES)
				memcpy(build, text, BUILD_BYTES);
			at = text + RTE_ALIGN_CEIL(note->n_descsz, 4);
		}
	}
	return 1;
}

static void
read_build(uint8_t build[BUILD_BYTES])
{
	memset(build, 0, BUILD_BYTES);
	dl_iterate_phdr(find_build, build);
}

static void
label(struct kept *kept)
{
	kept->magic = MAGIC;
	read_build(kept->build);
	kept->service_bytes = sizeof(struct vf_service);
	kept->books_bytes = pf_kept_bytes();
}

static bool
is_ours(const struct kept *kept)
{
	uint8_t build[BUILD_BYTES];

	read_build(build);
	return kept->magic == MAGIC && memcmp(kept->build, build, BUILD_BYTES) == 0 &&
	       kept->service_bytes == sizeof(struct vf_service) &&
	       kept->books_bytes == pf_kept_bytes() && kept->current <= 2;
}

struct kept *
kept_map(int *fd)
{
	bool is_new = *fd < 0;
	struct kept *kept;
	struct stat info;
	int rc;

	if (is_new)
		*fd = create();
	if (*fd < 0)
		return NULL;
	rc = fstat(*fd, &info) < 0 ? errno : info.st_size != (off_t)total_bytes() ? EILSEQ : 0;
	if (rc != 0) {
		errno = rc;
		return NULL;
	}
	kept = mmap(NULL, total_bytes(), PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	if (kept == MAP_FAILED)
		return NULL;
	if (is_new)
		label(kept);
	if (is_ours(kept))
		return kept;
	kept_unmap(kept);
	errno = EILSEQ;
	return NULL;
}

void
kept_unmap(struct kept *kept)
{
	if (kept != NULL)
		munmap(kept, total_bytes());
}

struct vf_service *
kept_service(struct kept *kept)
{
	return &kept->service;
}

const void *
kept_books(const struct kept *kept)
{
	return kept->current == 0 ? NULL : (const char *)kept + books_at(kept->current - 1);
}

void *
kept_next_books(struct kept *kept)
{
	return (char *)kept + books_at(kept->current == 1 ? 1 : 0);
}

void
kept_turn(struct kept *kept)
{
	__atomic_store_n(&kept->current, kept->current == 1 ? 2 : 1, __ATOMIC_SEQ_CST);
}

bool
kept_is_whole(const struct kept *kept)
{
	return kept->whole != 0 && kept->current != 0;
}

void
kept_set_whole(struct kept *kept, bool whole)
{
	__atomic_store_n(&kept->whole, whole ? 1 : 0, __ATOMIC_SEQ_CST);
}
