/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The control server against clients that are slow, rude, or many. One thread: the time is ours. */

#include <errno.h>
#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include <cmocka.h>

#include "client.h"
#include "server.h"

#define SOMEBODY 4711 /* nobody's uid */
#define STREAM_BYTES 4096

static char dir[] = "/tmp/sluice-server-XXXXXX";
static char path[sizeof(dir) + 16];
static struct control_server *server;
static unsigned int nb_answers;
static size_t reply_bytes; /* length of the replies, to fill socket buffers */

static struct control_stream *last_stream;
static unsigned int nb_ended;
static bool says_bye;

static size_t
write_lost(char record[STREAM_LOST_BYTES], uint64_t nb)
{
	return snprintf(record, STREAM_LOST_BYTES, "%u lost\n", (unsigned int)nb);
}

static bool
tell(const char *text)
{
	const struct iovec part = { (void *)(uintptr_t)text, strlen(text) };

	return control_stream_put(last_stream, &part, 1);
}

static void
count_end(void *ctx)
{
	(void)ctx;
	nb_ended++;
	if (says_bye)
		tell("bye\n");
}

static const struct control_stream_ops stream_ops = { write_lost, count_end, NULL };

static char *
answer(void *ctx, const char *line, size_t bytes, const struct control_peer *peer,
       struct control_stream **stream)
{
	char *reply = malloc(reply_bytes + 32);

	(void)ctx;
	assert_int_equal(peer->pid, getpid());
	nb_answers++;
	if (bytes >= 5 && memcmp(line, "watch", 5) == 0) {
		if (stream == NULL) {
			strcpy(reply, "full\n");
			return reply;
		}
		*stream = last_stream = control_stream_create(STREAM_BYTES, &stream_ops);
		strcpy(reply, "now\n");
		return reply;
	}
	if (bytes >= 4 && memcmp(line, "quit", 4) == 0) {
		free(reply);
		return NULL;
	}
	memset(reply, 'x', reply_bytes);
	snprintf(reply + reply_bytes, 32, "%zu\n", bytes);
	return reply;
}

static int
setup(void **state)
{
	char error[CONTROL_ERROR_BYTES];

	(void)state;
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/run/sock", dir);
	nb_answers = 0;
	nb_ended = 0;
	says_bye = false;
	reply_bytes = 0;
	server = control_server_create(path, "", answer, NULL, error);
	return server == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	char run[sizeof(dir) + 8];

	(void)state;
	control_server_free(server);
	if (access(path, F_OK) == 0)
		return -1;
	snprintf(run, sizeof(run), "%s/run", dir);
	rmdir(run);
	return rmdir(dir);
}

static void
run(uint64_t now_ms)
{
	for (int i = 0; i < 20; i++)
		control_server_run(server, now_ms);
}

static int
connect_client(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void
say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static void
expect(int fd, const char *text)
{
	char got[256];
	ssize_t nb = recv(fd, got, sizeof(got) - 1, 0);

	assert_true(nb >= 0);
	got[nb] = '\0';
	assert_string_equal(got, text);
}

static void
test_socket_mode(void **state)
{
	struct stat status;

	(void)state;
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0666);
}

static void
test_lines_in_any_pieces(void **state)
{
	int fd = connect_client();

	(void)state;
	say(fd, "on");
	run(0);
	assert_int_equal(nb_answers, 0);
	say(fd, "e\ntwo\nthr");
	run(0);
	say(fd, "ee\n");
	run(0);
	expect(fd, "3\n3\n5\n");
	close(fd);
}

static void
test_line_too_long(void **state)
{
	char text[CONTROL_REQUEST_BYTES + 1];
	int fd = connect_client();

	(void)state;
	memset(text, 'a', CONTROL_REQUEST_BYTES);
	text[CONTROL_REQUEST_BYTES] = '\0';
	say(fd, text);
	run(0);
	assert_int_equal(nb_answers, 0);
	expect(fd, "{\"ok\":false,\"code\":64,\"error\":\"request too long\"}\n");
	close(fd);
}

static void
test_longest_line(void **state)
{
	char text[CONTROL_REQUEST_BYTES + 1];
	int fd = connect_client();

	(void)state;
	memset(text, 'a', CONTROL_REQUEST_BYTES);
	text[CONTROL_REQUEST_BYTES - 1] = '\n';
	text[CONTROL_REQUEST_BYTES] = '\0';
	say(fd, text);
	run(0);
	expect(fd, "4095\n");
	close(fd);
}

static void
test_client_that_does_not_read(void **state)
{
	int slow = connect_client(), other;

	(void)state;
	reply_bytes = 4 << 20;
	say(slow, "a\nb\n");
	run(0);
	assert_int_equal(nb_answers, 1); /* the second waits until the first is sent */
	reply_bytes = 0;
	other = connect_client();
	say(other, "hello\n");
	run(0);
	expect(other, "5\n");
	run(CONTROL_CLIENT_MS);
	expect(other, "");
	close(slow);
	close(other);
}

static void
test_client_that_leaves_in_the_middle(void **state)
{
	int fd = connect_client();

	(void)state;
	reply_bytes = 4 << 20;
	say(fd, "a\n");
	run(0);
	close(fd);
	run(0);
	fd = connect_client();
	reply_bytes = 0;
	say(fd, "quit\n");
	run(0);
	expect(fd, "");
	close(fd);
}

static void
test_silent_clients_make_room(void **state)
{
	int silent[CONTROL_CLIENTS_MAX], fd;

	(void)state;
	for (int i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		silent[i] = connect_client();
		run(i);
	}
	fd = connect_client();
	say(fd, "hello\n");
	run(100);
	expect(fd, "5\n");
	expect(silent[0], ""); /* the oldest went */
	assert_int_equal(recv(silent[1], &(char){ 0 }, 1, 0), -1);
	assert_int_equal(errno, EAGAIN);
	for (int i = 0; i < CONTROL_CLIENTS_MAX; i++)
		close(silent[i]);
	close(fd);
}

static int
connect_other(void)
{
	int fd;

	assert_int_equal(chmod(dir, 0711), 0);
	assert_int_equal(seteuid(SOMEBODY), 0);
	fd = connect_client();
	assert_int_equal(seteuid(0), 0);
	return fd;
}

static void
test_others_make_room_for_operators(void **state)
{
	int operator[CONTROL_CLIENTS_MAX], other[CONTROL_OTHERS_MAX + 1];

	(void)state;
	if (geteuid() != 0)
		skip(); /* only root can be somebody else */
	for (int i = 0; i <= CONTROL_OTHERS_MAX; i++) {
		other[i] = connect_other();
		run(i);
	}
	expect(other[0], ""); /* there is room, but not for them */
	assert_int_equal(recv(other[1], &(char){ 0 }, 1, 0), -1);
	for (int i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		operator[i] = connect_client();
		run(10 + i);
	}
	for (int i = 1; i <= CONTROL_OTHERS_MAX; i++)
		expect(other[i], "");
	close(other[0]);
	other[0] = connect_other();
	run(100);
	expect(other[0], "");
	for (int i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		say(operator[i], "hello\n");
		run(100);
		expect(operator[i], "5\n");
		close(operator[i]);
	}
	for (int i = 0; i <= CONTROL_OTHERS_MAX; i++)
		close(other[i]);
}

static int
connect_watcher(uint64_t now_ms)
{
	int fd = connect_client();

	say(fd, "watch\n");
	run(now_ms);
	return fd;
}

static void
test_stream_goes_on_behind_the_reply(void **state)
{
	int fd = connect_watcher(0);

	(void)state;
	says_bye = true;
	expect(fd, "now\n");
	assert_true(tell("one\n"));
	assert_true(tell("two\n"));
	run(10 * CONTROL_CLIENT_MS); /* for as long as it likes */
	expect(fd, "one\ntwo\n");
	/* It may finish, and is told the last. */
	assert_true(tell("three\n"));
	shutdown(fd, SHUT_WR);
	run(10 * CONTROL_CLIENT_MS);
	assert_int_equal(nb_ended, 1);
	expect(fd, "three\nbye\n");
	expect(fd, "");
	close(fd);
}

static void
test_stream_that_is_not_read(void **state)
{
	static char line[1025];
	int fd = connect_watcher(0), other;
	unsigned int put = 0, lost = 0;
	char got[8192];
	size_t total = 0;
	ssize_t nb;

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 2] = '\n';
	/* The socket's buffer fills, then the stream's; whoever tells never waits. */
	while (lost < 100) {
		tell(line) ? put++ : lost++;
		run(put);
	}
	other = connect_client();
	say(other, "hello\n");
	run(1);
	expect(other, "5\n");
	close(other);
	for (;;) {
		nb = recv(fd, got, sizeof(got) - 1, 0);
		if (nb < 0)
			break;
		total += nb;
		got[nb] = '\0';
		run(1);
	}
	assert_non_null(strstr(got, "100 lost\n"));
	assert_int_equal(total, strlen("now\n") + put * strlen(line) + strlen("100 lost\n"));
	assert_int_equal(control_stream_lost(last_stream), 100);
	assert_true(tell("again\n"));
	run(2);
	expect(fd, "again\n");
	/* It goes without a word, and is missed at once. */
	close(fd);
	run(3);
	assert_int_equal(nb_ended, 1);
}

static void
test_streams_are_few(void **state)
{
	int watcher[CONTROL_STREAMS_MAX], fd;

	(void)state;
	for (int i = 0; i < CONTROL_STREAMS_MAX; i++) {
		watcher[i] = connect_watcher(0);
		expect(watcher[i], "now\n");
	}
	fd = connect_watcher(0);
	expect(fd, "full\n");
	/* They take no client's place. */
	say(fd, "hello\n");
	run(0);
	expect(fd, "5\n");
	close(watcher[3]);
	run(0);
	assert_int_equal(nb_ended, 1);
	say(fd, "watch\n");
	run(0);
	expect(fd, "now\n");
	for (int i = 0; i < CONTROL_STREAMS_MAX; i++)
		close(watcher[i]);
	close(fd);
}

static void
test_others_leave_streams_for_operators(void **state)
{
	int other[CONTROL_OTHERS_MAX + 1], fd;

	(void)state;
	if (geteuid() != 0)
		skip(); /* only root can be somebody else */
	for (int i = 0; i <= CONTROL_OTHERS_MAX; i++) {
		other[i] = connect_other();
		say(other[i], "watch\n");
		run(0);
		expect(other[i], i < CONTROL_OTHERS_MAX ? "now\n" : "full\n");
	}
	fd = connect_watcher(0);
	expect(fd, "now\n");
	close(fd);
	for (int i = 0; i <= CONTROL_OTHERS_MAX; i++)
		close(other[i]);
}

static void
test_two_servers(void **state)
{
	char error[CONTROL_ERROR_BYTES], expected[CONTROL_ERROR_BYTES];

	(void)state;
	assert_null(control_server_create(path, "", answer, NULL, error));
	assert_int_equal(errno, EADDRINUSE);
	snprintf(expected, sizeof(expected), "%s: another sluiced answers there", path);
	assert_string_equal(error, expected);
}

static void
test_dead_socket_is_replaced(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char error[CONTROL_ERROR_BYTES];
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)state;
	control_server_free(server);
	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	server = control_server_create(path, "", answer, NULL, error);
	assert_non_null(server);
}

static void
test_file_in_the_way_is_kept(void **state)
{
	char error[CONTROL_ERROR_BYTES], in_the_way[sizeof(path) + 4];
	FILE *stream;

	(void)state;
	snprintf(in_the_way, sizeof(in_the_way), "%s.x", path);
	stream = fopen(in_the_way, "w");
	assert_non_null(stream);
	fclose(stream);
	assert_null(control_server_create(in_the_way, "", answer, NULL, error));
	assert_int_equal(unlink(in_the_way), 0);
}

static void
test_unknown_group(void **state)
{
	char error[CONTROL_ERROR_BYTES], expected[CONTROL_ERROR_BYTES], other[sizeof(path) + 4];

	(void)state;
	snprintf(other, sizeof(other), "%s.y", path);
	assert_null(control_server_create(other, "no-such-group", answer, NULL, error));
	snprintf(expected, sizeof(expected),
		 "%s: cannot give it to group no-such-group: no such group", other);
	assert_string_equal(error, expected);
	assert_int_equal(access(other, F_OK), -1);
}

static void
test_client_without_daemon(void **state)
{
	char error[CONTROL_ERROR_BYTES], *reply;

	(void)state;
	assert_int_equal(control_call("/nowhere/sock", "x\n", 100, &reply, error), -ENOENT);
	assert_string_equal(error, "/nowhere/sock: sluiced is not running");
	assert_int_equal(control_call(path, "x\n", 100, &reply, error), -ETIMEDOUT);
	assert_null(reply);
	run(0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(test_socket_mode),
		CASE(test_lines_in_any_pieces),
		CASE(test_line_too_long),
		CASE(test_longest_line),
		CASE(test_client_that_does_not_read),
		CASE(test_client_that_leaves_in_the_middle),
		CASE(test_silent_clients_make_room),
		CASE(test_others_make_room_for_operators),
		CASE(test_stream_goes_on_behind_the_reply),
		CASE(test_stream_that_is_not_read),
		CASE(test_streams_are_few),
		CASE(test_others_leave_streams_for_operators),
		CASE(test_two_servers),
		CASE(test_dead_socket_is_replaced),
		CASE(test_file_in_the_way_is_kept),
		CASE(test_unknown_group),
		CASE(test_client_without_daemon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
