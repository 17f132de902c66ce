/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * Frames through a packet socket. The kernel takes a VLAN tag out of a received frame and hands it
 * over beside it; a sent one carries its tag as it was built.
 */
#include <err.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "frame_io.h"

#define MAX_TAKEN            256
#define SEND_TIMEOUT_S       1
#define RECEIVE_BUFFER_BYTES (8 << 20)
#define LINK_WAIT_MS         60000
#define LINK_POLL_MS         100

struct packet_io {
	struct frame_io io;
	int fd;
	int ifindex;
	const char *netdev;
	uint32_t nb_taken;
	size_t bytes[MAX_TAKEN];
	uint8_t taken[MAX_TAKEN][FRAME_BUFFER_BYTES];
	uint8_t received[FRAME_BUFFER_BYTES];
};

static struct packet_io *
packet_of(struct frame_io *io)
{
	return (struct packet_io *)io;
}

static int
packet_send(struct frame_io *io, const uint8_t *data, size_t bytes)
{
	struct packet_io *packet = packet_of(io);

	if (packet->nb_taken == MAX_TAKEN)
		return -ENOSPC;
	memcpy(packet->taken[packet->nb_taken], data, bytes);
	packet->bytes[packet->nb_taken++] = bytes;
	return 0;
}

/* The queue of a device that sends nothing stays full for ever: no frame is tried for longer than
 * the timeout.
 */
static int
send_one(const struct packet_io *packet, const uint8_t *data, size_t bytes)
{
	struct pollfd writable = { .fd = packet->fd, .events = POLLOUT };

	for (int tries = 0; tries < 1000 * SEND_TIMEOUT_S; tries++) {
		if (send(packet->fd, data, bytes, 0) == (ssize_t)bytes)
			return 0;
		if (errno != ENOBUFS && errno != EINTR)
			return -errno;
		poll(&writable, 1, 1);
		usleep(1000);
	}
	return -ETIMEDOUT;
}

static uint32_t
packet_flush(struct frame_io *io)
{
	struct packet_io *packet = packet_of(io);
	uint32_t nb = 0;
	int rc = 0;

	while (nb < packet->nb_taken && rc == 0) {
		rc = send_one(packet, packet->taken[nb], packet->bytes[nb]);
		nb += rc == 0;
	}
	if (rc < 0)
		warnx("%s: %u of %u frames not sent: %s", packet->netdev, packet->nb_taken - nb,
		      packet->nb_taken, strerror(-rc));
	packet->nb_taken = 0;
	return nb;
}

static int
vlan_of(struct msghdr *message)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
		struct tpacket_auxdata aux;

		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		if ((aux.tp_status & TP_STATUS_VLAN_VALID) != 0)
			return aux.tp_vlan_tci;
	}
	return NO_VLAN;
}

static uint32_t
packet_receive(struct frame_io *io, frame_handler *handle, void *arg)
{
	struct packet_io *packet = packet_of(io);
	uint32_t nb = 0;

	/* Bounded, so that a flood cannot keep the caller from its clock. */
	while (nb < MAX_TAKEN) {
		uint8_t control[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
		struct iovec place = { packet->received, sizeof(packet->received) };
		struct msghdr message = {
			.msg_iov = &place,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control),
		};
		ssize_t bytes = recvmsg(packet->fd, &message, MSG_DONTWAIT);

		if (bytes < 0)
			break;
		handle(arg, packet->received, bytes, vlan_of(&message));
		nb++;
	}
	return nb;
}

static void
packet_close(struct frame_io *io)
{
	struct packet_io *packet = packet_of(io);

	close(packet->fd);
	free(packet);
}

static const struct frame_io_ops packet_ops = {
	.send = packet_send,
	.flush = packet_flush,
	.receive = packet_receive,
	.close = packet_close,
};

static int
set_options(const struct packet_io *packet)
{
	static const struct timeval send_timeout = { .tv_sec = SEND_TIMEOUT_S };
	static const int room = RECEIVE_BUFFER_BYTES;
	static const int on = 1;
	int fd = packet->fd;

	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &send_timeout, sizeof(send_timeout)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) < 0) {
		warn("%s: socket options", packet->netdev);
		return -errno;
	}
	return 0;
}

static int
join(const struct packet_io *packet, uint16_t type, const uint8_t *address)
{
	struct packet_mreq request = {
		.mr_ifindex = packet->ifindex,
		.mr_type = type,
		.mr_alen = MAC_BYTES,
	};

	if (address != NULL)
		memcpy(request.mr_address, address, MAC_BYTES);
	if (setsockopt(packet->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request, sizeof(request)) ==
	    0)
		return 0;
	warn("%s: %s refused", packet->netdev, address == NULL ? "promiscuous mode" : "a group");
	return -EPERM;
}

static int
join_all(const struct packet_io *packet, const struct args *args)
{
	if (args->promisc && join(packet, PACKET_MR_PROMISC, NULL) < 0)
		return -EPERM;
	for (uint32_t i = 0; i < args->nb_groups; i++) {
		if (join(packet, PACKET_MR_MULTICAST, args->groups[i].byte) < 0)
			return -EPERM;
	}
	return 0;
}

static int
wait_for_link(const struct packet_io *packet)
{
	for (int ms = 0; ms <= LINK_WAIT_MS; ms += LINK_POLL_MS) {
		struct ifreq request = { 0 };

		strncpy(request.ifr_name, packet->netdev, IFNAMSIZ - 1);
		if (ioctl(packet->fd, SIOCGIFFLAGS, &request) < 0) {
			warn("%s", packet->netdev);
			return -errno;
		}
		if ((request.ifr_flags & IFF_UP) != 0 && (request.ifr_flags & IFF_RUNNING) != 0)
			return 0;
		usleep(LINK_POLL_MS * 1000);
	}
	warnx("%s: no link after %d s; is the interface up?", packet->netdev, LINK_WAIT_MS / 1000);
	return -ENETDOWN;
}

static int
read_mac_address(struct packet_io *packet)
{
	struct ifreq request = { 0 };

	strncpy(request.ifr_name, packet->netdev, IFNAMSIZ - 1);
	if (ioctl(packet->fd, SIOCGIFHWADDR, &request) < 0) {
		warn("%s: MAC address", packet->netdev);
		return -errno;
	}
	memcpy(packet->io.send_mac, request.ifr_hwaddr.sa_data, MAC_BYTES);
	memcpy(packet->io.receive_mac, request.ifr_hwaddr.sa_data, MAC_BYTES);
	return 0;
}

/* Bound last: a socket that is not yet bound would queue other interfaces' frames. */
static int
bind_to(const struct packet_io *packet)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = packet->ifindex,
	};

	if (bind(packet->fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return 0;
	warn("%s: bind", packet->netdev);
	return -errno;
}

static int
set_up(struct packet_io *packet, const struct args *args)
{
	int rc = set_options(packet);

	if (rc == 0)
		rc = wait_for_link(packet);
	if (rc == 0)
		rc = read_mac_address(packet);
	if (rc == 0)
		rc = join_all(packet, args);
	if (rc == 0)
		rc = bind_to(packet);
	return rc;
}

int
io_packet_open(const struct args *args, struct frame_io **io)
{
	struct packet_io *packet = calloc(1, sizeof(*packet));
	int rc = -ENODEV;

	if (packet == NULL)
		return -ENOMEM;
	packet->io.ops = &packet_ops;
	packet->netdev = args->netdev;
	packet->ifindex = if_nametoindex(args->netdev);
	if (packet->ifindex == 0) {
		warn("%s", args->netdev);
		goto free_packet;
	}
	packet->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (packet->fd < 0) {
		rc = -errno;
		warn("packet socket");
		goto free_packet;
	}
	rc = set_up(packet, args);
	if (rc < 0)
		goto close_socket;
	*io = &packet->io;
	return 0;

close_socket:
	close(packet->fd);
free_packet:
	free(packet);
	return rc;
}
