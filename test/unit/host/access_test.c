/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* Who is an operator, by the kernel's word, and what the others may ask for. */

#include <errno.h>
#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "access.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define SOMEBODY    4711
#define THEIR_GROUP 4712

static const struct {
	const char *what;
	uid_t uid;
	gid_t gid, more; /* a second group */
	gid_t control;
	uid_t owner; /* of the daemon */
	bool is_operator;
} peers[] = {
	{ "root", 0, 0, 0, ACCESS_NO_GROUP, SOMEBODY, true },
	{ "the daemon's user", SOMEBODY, 9, 9, ACCESS_NO_GROUP, SOMEBODY, true },
	{ "by the first group", SOMEBODY, THEIR_GROUP, 9, THEIR_GROUP, 0, true },
	{ "by the second group", SOMEBODY, 9, THEIR_GROUP, THEIR_GROUP, 0, true },
	{ "of other groups", SOMEBODY, 9, 10, THEIR_GROUP, 0, false },
	{ "where there is no group", SOMEBODY, THEIR_GROUP, 9, ACCESS_NO_GROUP, 0, false },
	{ "of root's group", SOMEBODY, 0, 0, THEIR_GROUP, 0, false },
};

/* An address without a file, of the kernel's choice: anybody may connect to it. */
static int
listen_somewhere(struct sockaddr_un *address, socklen_t *bytes)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	*bytes = sizeof(sa_family_t);
	assert_int_equal(bind(fd, (struct sockaddr *)address, *bytes), 0);
	*bytes = sizeof(*address);
	assert_int_equal(getsockname(fd, (struct sockaddr *)address, bytes), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

/* What the daemon learns of a client that is, for as long as it connects, somebody else. */
static struct control_peer
peer_of(size_t i)
{
	struct sockaddr_un address;
	struct control_peer peer;
	socklen_t bytes;
	int listening = listen_somewhere(&address, &bytes), client, accepted;

	client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(setgroups(1, &peers[i].more), 0);
	assert_int_equal(setegid(peers[i].gid), 0);
	assert_int_equal(seteuid(peers[i].uid), 0);
	assert_int_equal(connect(client, (struct sockaddr *)&address, bytes), 0);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(setegid(0), 0);
	assert_int_equal(setgroups(0, NULL), 0);
	accepted = accept(listening, NULL, NULL);
	assert_int_equal(access_peer(accepted, peers[i].owner, peers[i].control, &peer), 0);
	close(accepted);
	close(client);
	close(listening);
	return peer;
}

static void
test_who_is_an_operator(void **state)
{
	unsigned int failed = 0;

	(void)state;
	if (geteuid() != 0)
		skip(); /* only root can be somebody else */
	for (size_t i = 0; i < ARRAY_LEN(peers); i++) {
		struct control_peer peer = peer_of(i);

		if (peer.is_operator == peers[i].is_operator && peer.uid == peers[i].uid &&
		    peer.pid == getpid())
			continue;
		print_error("%s: uid %u, operator: %d\n", peers[i].what, peer.uid,
			    peer.is_operator);
		failed++;
	}
	assert_int_equal(failed, 0);
}

static void
test_oneself(void **state)
{
	struct control_peer peer;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(access_peer(pair[0], geteuid(), ACCESS_NO_GROUP, &peer), 0);
	assert_int_equal(peer.uid, geteuid());
	assert_int_equal(peer.pid, getpid());
	assert_true(peer.is_operator);
	close(pair[0]);
	close(pair[1]);
	assert_int_equal(access_peer(-1, 0, ACCESS_NO_GROUP, &peer), -EBADF);
}

static void
test_commands_for_others(void **state)
{
	static const struct control_peer operator = { .is_operator = true }, other = { .pid = 1 };

	(void)state;
	assert_true(control_may(CONTROL_SHOW, &other));
	assert_false(control_may(CONTROL_SET, &other));
	assert_false(control_may(CONTROL_TOKEN, &other));
	/* One that nobody has thought of yet. */
	assert_false(control_may((enum control_cmd)1000, &other));
	assert_true(control_may(CONTROL_SHOW, &operator));
	assert_true(control_may(CONTROL_SET, &operator));
	assert_true(control_may(CONTROL_TOKEN, &operator));
}

static void
test_group(void **state)
{
	const struct group *standard = getgrnam(CONTROL_DEFAULT_GROUP);
	gid_t gid = 4;

	(void)state;
	assert_int_equal(access_group("", &gid), 0);
	assert_int_equal(gid, standard == NULL ? ACCESS_NO_GROUP : standard->gr_gid);
	assert_int_equal(access_group("root", &gid), 0);
	assert_int_equal(gid, 0);
	assert_int_equal(access_group("no-such-group", &gid), -ENOENT);
	assert_int_equal(gid, ACCESS_NO_GROUP);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_is_an_operator),
		cmocka_unit_test(test_oneself),
		cmocka_unit_test(test_commands_for_others),
		cmocka_unit_test(test_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
