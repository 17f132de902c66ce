/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * What a successor needs to go on: the service's book, and the PF driver's. A memfd that is held
 * with vfio's descriptors; it ends with them. It is made of our structures as they are, so a build
 * can read another one's if they lie in memory alike: books_layout is a number for that, made of
 * each member's name, place and kind (books/layout.py). Whoever gives a member another meaning
 * gives it another name too, or changes MAGIC.
 */

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon.h"
#include "dpdk_compat.h"
#include "pf_probe.h"

#define MAGIC     UINT64_C(0x336b706565636c73) /* "slceepk3" */
#define ALIGNMENT 64

struct kept {
	uint64_t magic;
	uint64_t layout;
	uint64_t books_bytes;
	uint64_t seen_ms; /* when its owner was last seen to live */
	/* Two, as the next are made while those in use must stay what they are. */
	uint32_t current; /* 1 or 2; 0: none yet */
	uint32_t whole;
	uint32_t num_vfs; /* and 1 more; 0: not known */
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

static void
label(struct kept *kept)
{
	kept->magic = MAGIC;
	kept->layout = books_layout;
	kept->books_bytes = pf_kept_bytes();
}

static bool
is_ours(const struct kept *kept)
{
	return kept->magic == MAGIC && kept->layout == books_layout &&
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

void
kept_see(struct kept *kept, uint64_t now_ms)
{
	__atomic_store_n(&kept->seen_ms, now_ms, __ATOMIC_RELAXED);
}

uint64_t
kept_seen_ms(const struct kept *kept)
{
	return kept->seen_ms;
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

int
kept_num_vfs(const struct kept *kept)
{
	return (int)kept->num_vfs - 1;
}

void
kept_set_num_vfs(struct kept *kept, uint16_t num_vfs)
{
	__atomic_store_n(&kept->num_vfs, num_vfs + 1, __ATOMIC_SEQ_CST);
}
