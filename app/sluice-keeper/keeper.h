/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The keeper's parts. It holds descriptors for a program that may die at any time, and starts the
 * program again with them: systemd's descriptor store (sd_notify(3), sd_listen_fds(3)) where
 * systemd does not run. It opens no device, reads no configuration and knows nothing of what it
 * holds: what does little fails seldom.
 */
#ifndef SLUICE_KEEPER_H
#define SLUICE_KEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define STORE_FDS_MAX    64
#define STORE_NAME_BYTES 64 /**< a name's end included; systemd allows 255 characters */

/* --- store.c: descriptors with names --- */

struct store {
	unsigned int nb;
	struct {
		int fd;
		char name[STORE_NAME_BYTES];
	} held[STORE_FDS_MAX];
};

/**
 * Take over a descriptor. One that refers to an open file that is held already is closed.
 *
 * @param name  as in FDNAME=; empty: "stored", as systemd calls it
 * @return 0; or -EINVAL (name), -ENOSPC, and the descriptor is closed
 */
int store_add(struct store *store, const char *name, int fd);

/** Close all descriptors of that name. */
void store_remove(struct store *store, const char *name);

/**
 * In a child before its exec: the descriptors become 3, 4, …, and LISTEN_PID, LISTEN_FDS and
 * LISTEN_FDNAMES tell of them. Other descriptors above 2 are closed.
 *
 * @return 0 or -errno
 */
int store_hand_over(const struct store *store);

/* --- notify.c: what the program says --- */

struct notice {
	bool ready;
};

/** A socket for NOTIFY_SOCKET, its address in @p address. @return the descriptor or -errno */
int notify_open(char *address, size_t bytes);

/**
 * Read one datagram and do what it says.
 *
 * @param from  the program; what others send is dropped, and its descriptors closed
 * @return 1: read; 0: none is there; -errno
 */
int notify_read(int fd, pid_t from, struct store *store, struct notice *notice);

/* --- program.c: one life of it --- */

/** @return its pid, or -errno */
pid_t program_start(char *const argv[], const char *notify_address, const struct store *store);

/* --- log.c --- */

__attribute__((format(printf, 1, 2))) void keeper_log(const char *format, ...);

#endif /* SLUICE_KEEPER_H */
