/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * The control socket. The first byte says what the rest is: a request, what an operator typed, a
 * reply, or a program of clients that send in pieces.
 */

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "input.h"
#include "protocol.h"
#include "server.h"

#define CLIENTS 3
#define NB_VFS 3
#define SOCKET_PATH_BYTES 64

static struct control_server *server;
static char socket_path[SOCKET_PATH_BYTES];
static unsigned int nb_answers;

static void
check_line(const char *text, size_t bytes, const char *what)
{
	size_t length = strnlen(text, bytes);

	must(length > 0 && length < bytes, "%s: %zu bytes", what, length);
	must(memchr(text, '\n', length) == NULL, "%s has two lines", what);
}

/* A reply is one line that can be read back. */
static void
check_reply_line(char *line)
{
	struct control_reply reply;
	size_t bytes;

	must(line != NULL, "no reply");
	bytes = strlen(line);
	must(bytes > 0 && line[bytes - 1] == '\n', "no end of line");
	must(memchr(line, '\n', bytes - 1) == NULL, "two lines");
	must(control_reply_decode(line, bytes - 1, &reply) == 0, "unreadable: %s", line);
	json_decref(reply.object);
	free(line);
}

/* Whatever is applied to a policy leaves one that can be carried out, or the old one. */
static void
check_apply(const struct control_request *request)
{
	static const struct vf_policy before[] = {
		{ .spoof_check = true },
		{ .vlan = 10, .qos = 3, .mac = { { 2, 0, 0, 0, 0, 1 } } },
		{ .trunk = { 2 }, .min_interrupt_us = 7, .max_interrupt_us = 9 },
	};
	uint16_t vf = request->vf < 0 ? 0 : request->vf;
	char error[CONTROL_ERROR_BYTES];

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		struct vf_policy policy = before[i];

		memset(error, 0xff, sizeof(error));
		if (control_request_apply(request, NB_VFS, &policy, error) == 0) {
			must(policy_check_vf(&policy, vf, NB_VFS) == POLICY_OK,
			     "an impossible policy");
			must(policy.qos == 0 || policy.vlan != 0, "a priority without a VLAN");
			continue;
		}
		check_line(error, sizeof(error), "the error");
		must(memcmp(&policy, &before[i], sizeof(policy)) == 0, "refused, and changed");
	}
}

static void
check_round_trip(const struct control_request *request)
{
	struct control_request again;
	char error[CONTROL_ERROR_BYTES];
	char *line = control_request_encode(request);
	size_t bytes;

	must(line != NULL, "not to be encoded");
	bytes = strlen(line);
	must(bytes <= CONTROL_REQUEST_BYTES, "%zu bytes", bytes);
	must(control_request_decode(line, bytes - 1, &again, error) == 0, "%s: %s", line, error);
	must(request->cmd == again.cmd && request->vf == again.vf && request->keys == again.keys &&
	     strcmp(request->pci, again.pci) == 0, "another request: %s", line);
	must(policy_equal(&request->policy, &again.policy), "another policy: %s", line);
	free(line);
}

static void
fuzz_request(const char *line, size_t bytes)
{
	struct control_request request;
	char error[CONTROL_ERROR_BYTES];

	memset(error, 0xff, sizeof(error));
	if (control_request_decode(line, bytes, &request, error) < 0) {
		check_line(error, sizeof(error), "the error");
		check_reply_line(control_reply_error(64, error));
		return;
	}
	must(request.vf >= CONTROL_VF_NONE && request.vf < CONFIG_VFS_MAX, "VF %d", request.vf);
	must(request.cmd == CONTROL_SET ? request.vf >= 0 && request.keys != 0 : request.keys == 0,
	     "keys %x for VF %d", request.keys, request.vf);
	check_round_trip(&request);
	check_apply(&request);
}

/* KEY\0TEXT\0KEY\0TEXT…: what comes from a command line has an end, and no zero byte. */
static void
fuzz_typed(const char *text, size_t bytes)
{
	struct control_request request = { .cmd = CONTROL_SET, .vf = 0 };
	char key[64], value[256], error[CONTROL_ERROR_BYTES];
	size_t at = 0;

	while (at < bytes) {
		snprintf(key, sizeof(key), "%.*s", (int)(bytes - at), text + at);
		at += strnlen(text + at, bytes - at) + 1;
		if (at >= bytes)
			break;
		snprintf(value, sizeof(value), "%.*s", (int)(bytes - at), text + at);
		at += strnlen(text + at, bytes - at) + 1;
		memset(error, 0xff, sizeof(error));
		if (control_request_set(&request, key, value, error) < 0)
			check_line(error, sizeof(error), "the error");
	}
	if (request.keys == 0)
		return;
	check_round_trip(&request);
	check_apply(&request);
}

/* What the CLI makes of whatever answers on the socket. */
static void
fuzz_reply(const char *line, size_t bytes)
{
	static struct control_state state, again;
	struct control_reply reply;
	json_t *object;

	if (control_reply_decode(line, bytes, &reply) < 0) {
		must(reply.object == NULL, "an object of no reply");
		return;
	}
	must(memchr(reply.error, '\0', sizeof(reply.error)) != NULL, "the error does not end");
	if (control_state_decode(reply.object, &state) == 0) {
		must(state.nb_ports <= CONFIG_PORTS_MAX, "%u ports", state.nb_ports);
		object = json_pack("{s:b, s:o}", "ok", 1, "ports", control_state_encode(&state));
		must(object != NULL, "not to be encoded");
		must(control_state_decode(object, &again) == 0, "not to be read again");
		must(state.nb_ports == again.nb_ports, "another number of ports");
		json_decref(object);
	}
	json_decref(reply.object);
}

static struct control_stream *streams[CONTROL_STREAMS_MAX + 1];

static size_t
write_lost(char record[STREAM_LOST_BYTES], uint64_t nb)
{
	return snprintf(record, STREAM_LOST_BYTES, "%u lost\n", (unsigned int)nb);
}

static void
end_stream(void *ctx)
{
	struct control_stream **place = ctx;

	must(*place != NULL, "a stream ends twice");
	*place = NULL;
}

/* To all streams there are, more than one of them has room for. */
static void
publish(const char *line, size_t bytes)
{
	const struct iovec part = { (void *)(uintptr_t)line, bytes };

	for (size_t i = 0; i < CONTROL_STREAMS_MAX; i++)
		for (unsigned int n = 0; n < 4 && streams[i] != NULL; n++)
			(void)control_stream_put(streams[i], &part, 1);
}

static char *
start_stream(struct control_stream **stream)
{
	struct control_stream **place = streams;

	while (*place != NULL)
		place++;
	must(place < streams + CONTROL_STREAMS_MAX, "more streams than places");
	*place = control_stream_create(
		CONTROL_REQUEST_BYTES,
		&(struct control_stream_ops){ write_lost, end_stream, place });
	*stream = *place;
	return control_reply_ok();
}

/* One line out of what the clients sent. Long replies do not fit into a socket at once. */
static char *
answer(void *ctx, const char *line, size_t bytes, const struct control_peer *peer,
       struct control_stream **stream)
{
	struct control_request request;
	char error[CONTROL_ERROR_BYTES];
	char *reply;

	(void)ctx;
	must(peer->pid == getpid(), "somebody else asks");
	must(bytes < CONTROL_REQUEST_BYTES && memchr(line, '\n', bytes) == NULL, "not one line");
	nb_answers++;
	if (bytes > 0 && line[0] == 'q')
		return NULL;
	publish(line, bytes);
	if (bytes > 0 && line[0] == 'w' && stream != NULL)
		return start_stream(stream);
	if (bytes > 0 && line[0] == 'l') {
		reply = malloc(CONTROL_REPLY_BYTES + 1);
		memset(reply, 'x', CONTROL_REPLY_BYTES);
		memcpy(reply + CONTROL_REPLY_BYTES - 1, "\n", 2);
		return reply;
	}
	if (control_request_decode(line, bytes, &request, error) < 0)
		return control_reply_error(64, error);
	return control_reply_ok();
}

struct client {
	int fd;			/* < 0: none */
	unsigned int lines;	/* sent since it connected */
};

static void
hang_up(struct client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	client->fd = -1;
}

static void
connect_client(struct client *client)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	hang_up(client);
	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path);
	if (connect(client->fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		hang_up(client);
}

/* The next bytes of the input, or many of one kind: the length's upper half says which. */
static void
send_piece(struct client *client, struct input *in)
{
	static char many[2 * CONTROL_REQUEST_BYTES];
	size_t bytes = take_byte(in);
	const void *piece = in->at;

	if (bytes >= 0x80) {
		bytes = (bytes - 0x80) * 64;
		memset(many, take_byte(in), bytes);
		piece = many;
	} else {
		bytes = bytes < in->left ? bytes : in->left;
		in->at += bytes;
		in->left -= bytes;
	}
	if (client->fd < 0 || bytes == 0)
		return;
	(void)!send(client->fd, piece, bytes, MSG_NOSIGNAL);
}

static void
read_some(struct client *client, size_t bytes)
{
	static char replies[1 << 16];
	ssize_t nb;

	if (client->fd < 0)
		return;
	do {
		nb = recv(client->fd, replies, bytes, 0);
	} while (nb > 0 && bytes == sizeof(replies));
	if (nb == 0)
		hang_up(client);
}

/* After all that the server still serves: a client of its own, or one that makes room. */
static void
check_still_served(uint64_t now_ms)
{
	struct client client = { .fd = -1 };
	char reply[64];
	ssize_t nb = -1;

	connect_client(&client);
	must(client.fd >= 0, "nobody listens");
	must(send(client.fd, "{\"cmd\":\"show\"}\n", 15, MSG_NOSIGNAL) == 15, "not to be sent");
	for (unsigned int i = 0; i < 16 && nb < 0; i++) {
		control_server_run(server, now_ms);
		nb = recv(client.fd, reply, sizeof(reply), 0);
	}
	must(nb == 12 && memcmp(reply, "{\"ok\":true}\n", 12) == 0, "%zd bytes of reply", nb);
	hang_up(&client);
}

static void
create_server(void)
{
	char error[CONTROL_ERROR_BYTES];

	if (server != NULL)
		return;
	snprintf(socket_path, sizeof(socket_path), "/tmp/sluice-fuzz-%d.sock", getpid());
	server = control_server_create(socket_path, "", answer, NULL, error);
	must(server != NULL, "%s", error);
}

static void
fuzz_server(struct input *in)
{
	struct client clients[CLIENTS] = { { .fd = -1 }, { .fd = -1 }, { .fd = -1 } };
	uint64_t now_ms = 1000;

	create_server();
	while (in->left > 0) {
		uint8_t step = take_byte(in);
		struct client *client = &clients[step % CLIENTS];

		switch (step / CLIENTS % 6) {
		case 0:
			connect_client(client);
			break;
		case 1:
			send_piece(client, in);
			break;
		case 2:
			read_some(client, 1 << (step >> 5));
			break;
		case 3:
			read_some(client, 1 << 16);
			break;
		case 4:
			hang_up(client);
			break;
		case 5:
			now_ms += (uint64_t)take_byte(in) * 100;
			break;
		}
		control_server_run(server, now_ms);
	}
	check_still_served(now_ms);
	for (unsigned int i = 0; i < CLIENTS; i++)
		hang_up(&clients[i]);
	/* All of them are gone: their places are free for the next input. */
	control_server_run(server, now_ms + CONTROL_CLIENT_MS);
}

static void
remove_socket(void)
{
	if (server != NULL)
		control_server_free(server);
	server = NULL;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return atexit(remove_socket);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct input in = { data, bytes };
	uint8_t kind = take_byte(&in);

	switch (kind % 4) {
	case 0:
		fuzz_request((const char *)in.at, in.left);
		break;
	case 1:
		fuzz_typed((const char *)in.at, in.left);
		break;
	case 2:
		fuzz_reply((const char *)in.at, in.left);
		break;
	case 3:
		fuzz_server(&in);
		break;
	}
	return 0;
}
