/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What the kinds of wire share: how they are made from a spec, options, counting, the time.
 */
#ifndef MODEL_WIRE_KINDS_H
#define MODEL_WIRE_KINDS_H

#include <time.h>

#include "wire.h"

#define WIRE_FRAME_MAX 16384	/* bytes without CRC; no port takes more */
#define WIRE_BURST     64	/* frames that one recv() hands out at most where it copies */
#define WIRE_MBPS      10000	/* carrier; the port's own speed may be less */

/** What a kind is made from, and where it puts the reason if it cannot be made. */
struct wire_spec {
	const char *text;	/**< all of it, for the error line */
	const char *args;	/**< behind the kind and its colon; "" if there is nothing */
	char *error;
	size_t error_bytes;
};

/** Fill the error line: the spec, a colon, and what is wrong with it. */
void wire_fail(const struct wire_spec *spec, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

enum wire_option_type { WIRE_FLAG, WIRE_NUMBER, WIRE_MAC, WIRE_FILE };

/** A KEY, or KEY=VALUE, of a spec. */
struct wire_option {
	const char *key;
	enum wire_option_type type;
	/** bool, uint64_t, uint8_t[6], char * (to be freed). */
	void *value;
	uint64_t min, max;	/**< of a number */
};

/**
 * Parse options that colons separate. A MAC address is taken as a whole, though it has colons.
 *
 * @return 0, -EINVAL (the error line is filled), -ENOMEM (it is, too)
 */
int wire_options(const struct wire_spec *spec, const struct wire_option *option, unsigned int nb);

struct wire *wire_none_create(const struct wire_spec *spec);
struct wire *wire_null_create(const struct wire_spec *spec);
struct wire *wire_loop_create(const struct wire_spec *spec);
struct wire *wire_pcap_create(const struct wire_spec *spec);
struct wire *wire_tap_create(const struct wire_spec *spec);
struct wire *wire_gen_create(const struct wire_spec *spec);
struct wire *wire_socket_create(const struct wire_spec *spec);

/** Book what send() took of the @p nb frames that it was given. @return @p taken */
static inline unsigned int
wire_sent(struct wire *wire, const struct wire_frame *frame, unsigned int taken, unsigned int nb)
{
	unsigned int i;

	for (i = 0; i < taken; i++)
		wire->sent_bytes += frame[i].len;
	wire->sent_frames += taken;
	wire->lost_frames += nb - taken;
	return taken;
}

/** Book what recv() hands out. @return @p nb */
static inline unsigned int
wire_received(struct wire *wire, const struct wire_frame *frame, unsigned int nb)
{
	unsigned int i;

	for (i = 0; i < nb; i++)
		wire->received_bytes += frame[i].len;
	wire->received_frames += nb;
	return nb;
}

static inline uint64_t
wire_clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

#endif /* MODEL_WIRE_KINDS_H */
