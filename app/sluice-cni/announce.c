/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "announce.h"

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_ARP  0x0806
/* A VF that has just come up may not have link at once; without one nobody is there to be told. */
#define LINK_WAIT_MS   2000
#define LINK_LOOK_MS   10

/* RFC 826 */
struct arp_packet {
	uint16_t hardware, protocol;
	uint8_t hardware_bytes, protocol_bytes;
	uint16_t operation;
	struct mac_addr sender;
	uint8_t sender_ip[4];
	struct mac_addr target;
	uint8_t target_ip[4];
} __attribute__((packed));

_Static_assert(sizeof(struct arp_packet) == 28, "an ARP packet has 28 bytes");

static void
complain(const char *name, const char *what, int error)
{
	fprintf(stderr, "sluice-cni: %s: %s: %s\n", name, what, strerror(error));
}

void
announce_ipv6(const struct netns *netns, const char *name)
{
	char path[PATH_MAX];
	int own = netns_enter(netns), fd;

	if (own < 0) {
		complain(name, "its namespace", -own);
		return;
	}
	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/ndisc_notify", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	/* Without IPv6 there is no such file. */
	if (fd >= 0 ? write(fd, "1", 1) != 1 : errno != ENOENT)
		complain(name, "ndisc_notify", errno);
	if (fd >= 0)
		close(fd);
	(void)netns_leave(own);
}

static int
open_in(const struct netns *netns)
{
	int own = netns_enter(netns), fd;

	if (own < 0)
		return own;
	fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		fd = -errno;
	(void)netns_leave(own);
	return fd;
}

static bool
wait_for_link(int fd, const char *name)
{
	struct ifreq request = { 0 };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	for (int waited = 0; waited < LINK_WAIT_MS; waited += LINK_LOOK_MS) {
		if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
			return false;
		if ((request.ifr_flags & IFF_RUNNING) != 0)
			return true;
		nanosleep(&(struct timespec){ .tv_nsec = LINK_LOOK_MS * 1000000L }, NULL);
	}
	return false;
}

/* @return its index, or 0 */
static int
look_up(int fd, const char *name, struct mac_addr *mac)
{
	struct ifreq request = { 0 };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(fd, SIOCGIFHWADDR, &request) < 0)
		return 0;
	memcpy(mac->byte, request.ifr_hwaddr.sa_data, sizeof(mac->byte));
	return ioctl(fd, SIOCGIFINDEX, &request) < 0 ? 0 : request.ifr_ifindex;
}

/* @return whether the text, "10.0.0.2/24", is one */
static bool
read_ipv4(const char *text, uint8_t ip[4])
{
	char host[INET_ADDRSTRLEN];

	if (text == NULL)
		return false;
	snprintf(host, sizeof(host), "%.*s", (int)strcspn(text, "/"), text);
	return inet_pton(AF_INET, host, ip) == 1;
}

static void
send_announcement(int fd, int index, const char *name, const struct mac_addr *mac,
		  const uint8_t ip[4])
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETHERTYPE_ARP),
		.sll_ifindex = index,
		.sll_halen = sizeof(mac->byte),
	};
	struct arp_packet packet = {
		.hardware = htons(ARPHRD_ETHER),
		.protocol = htons(ETHERTYPE_IPV4),
		.hardware_bytes = sizeof(mac->byte),
		.protocol_bytes = 4,
		.operation = htons(ARPOP_REQUEST),
		.sender = *mac,
	};

	memset(to.sll_addr, 0xff, sizeof(mac->byte));
	memcpy(packet.sender_ip, ip, sizeof(packet.sender_ip));
	memcpy(packet.target_ip, ip, sizeof(packet.target_ip));
	if (sendto(fd, &packet, sizeof(packet), 0, (const struct sockaddr *)&to, sizeof(to)) < 0)
		complain(name, "its address is not announced", errno);
}

void
announce_ipv4(const struct netns *netns, const char *name, const json_t *ips)
{
	struct mac_addr mac;
	uint8_t ip[4];
	json_t *entry;
	size_t i;
	int fd, index;

	fd = open_in(netns);
	if (fd < 0) {
		complain(name, "no socket to announce its addresses", -fd);
		return;
	}
	index = wait_for_link(fd, name) ? look_up(fd, name, &mac) : 0;
	json_array_foreach(ips, i, entry)
	{
		if (index != 0 &&
		    read_ipv4(json_string_value(json_object_get(entry, "address")), ip))
			send_announcement(fd, index, name, &mac, ip);
	}
	close(fd);
}
