/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The books that outlive a daemon: what a successor finds in them, and which it leaves alone. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon.h"

/* The PF driver's; what is in its books does not matter here. */
size_t pf_kept_bytes(void);

static size_t driver_bytes = 1000;

size_t
pf_kept_bytes(void)
{
	return driver_bytes;
}

static struct kept *
map_new(int *fd)
{
	struct kept *kept;

	*fd = -1;
	kept = kept_map(fd);
	assert_non_null(kept);
	assert_true(*fd >= 0);
	return kept;
}

static void
new_books_hold_nothing(void **state)
{
	int fd;
	struct kept *kept = map_new(&fd);

	(void)state;
	assert_false(kept_is_whole(kept));
	assert_int_equal(kept_num_vfs(kept), -1);
	assert_null(kept_books(kept));
	assert_int_equal(kept_seen_ms(kept), 0);
	assert_int_equal(kept_service(kept)->nb_vfs, 0);
	kept_unmap(kept);
	close(fd);
}

static void
a_successor_finds_all(void **state)
{
	int fd;
	struct kept *kept = map_new(&fd);

	(void)state;
	strcpy(kept_next_books(kept), "first");
	/* Not yet in use: whoever dies now has none. */
	assert_null(kept_books(kept));
	kept_turn(kept);
	kept_service(kept)->nb_vfs = 7;
	kept_set_num_vfs(kept, 0);
	assert_int_equal(kept_num_vfs(kept), 0);
	kept_set_num_vfs(kept, 7);
	kept_see(kept, 4711);
	kept_set_whole(kept, true);
	kept_unmap(kept);

	kept = kept_map(&fd);
	assert_non_null(kept);
	assert_true(kept_is_whole(kept));
	assert_string_equal(kept_books(kept), "first");
	assert_int_equal(kept_service(kept)->nb_vfs, 7);
	assert_int_equal(kept_num_vfs(kept), 7);
	assert_int_equal(kept_seen_ms(kept), 4711);
	kept_unmap(kept);
	close(fd);
}

static void
the_next_books_leave_those_in_use_alone(void **state)
{
	int fd;
	struct kept *kept = map_new(&fd);

	(void)state;
	memset(kept_next_books(kept), 'a', driver_bytes);
	kept_turn(kept);
	for (char mark = 'b'; mark < 'f'; mark++) {
		const char *used = kept_books(kept);
		char *next = kept_next_books(kept);

		memset(next, mark, driver_bytes);
		for (size_t i = 0; i < driver_bytes; i++)
			assert_int_equal(used[i], mark - 1);
		kept_turn(kept);
		assert_ptr_equal(kept_books(kept), next);
	}
	kept_unmap(kept);
	close(fd);
}

static void
books_without_books_are_not_whole(void **state)
{
	int fd;
	struct kept *kept = map_new(&fd);

	(void)state;
	kept_set_whole(kept, true);
	assert_false(kept_is_whole(kept));
	kept_turn(kept);
	assert_true(kept_is_whole(kept));
	kept_set_whole(kept, false);
	assert_false(kept_is_whole(kept));
	kept_unmap(kept);
	close(fd);
}

static void
assert_foreign(int fd)
{
	errno = 0;
	assert_null(kept_map(&fd));
	assert_int_equal(errno, EILSEQ);
}

/* Each word of the head that says how to read the rest. */
static void
other_builds_books_are_refused(void **state)
{
	int fd;
	struct kept *kept = map_new(&fd);
	uint64_t words[3];

	(void)state;
	kept_unmap(kept);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(pread(fd, words, sizeof(words), 0), sizeof(words));
		words[i]++;
		assert_int_equal(pwrite(fd, words, sizeof(words), 0), sizeof(words));
		assert_foreign(fd);
		words[i]--;
		assert_int_equal(pwrite(fd, words, sizeof(words), 0), sizeof(words));
	}
	kept = kept_map(&fd);
	assert_non_null(kept);
	kept_unmap(kept);
	driver_bytes += 64;
	assert_foreign(fd);
	driver_bytes -= 64;
	close(fd);
}

static void
a_file_of_another_size_is_refused(void **state)
{
	struct stat info;
	int fd;
	struct kept *kept = map_new(&fd);

	(void)state;
	kept_unmap(kept);
	assert_int_equal(fstat(fd, &info), 0);
	assert_int_equal(ftruncate(fd, info.st_size - 1), 0);
	assert_foreign(fd);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_foreign(fd);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_books_hold_nothing),
		cmocka_unit_test(a_successor_finds_all),
		cmocka_unit_test(the_next_books_leave_those_in_use_alone),
		cmocka_unit_test(books_without_books_are_not_whole),
		cmocka_unit_test(other_builds_books_are_refused),
		cmocka_unit_test(a_file_of_another_size_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
