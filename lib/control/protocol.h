/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What sluicectl and sluiced say to each other: JSON objects, one a line. Pure functions.
 *
 *   {"cmd":"show"}
 *   {"cmd":"set","port":"0000:01:00.0","vf":0,"vlan":10,"qos":3}
 *   {"cmd":"set","vf":0,"vlan":10,"hold":true}
 *   {"cmd":"token"}
 *   {"cmd":"stop"}, {"cmd":"drain"}, {"cmd":"upgrade"}
 *   {"cmd":"quarantine","vf":0,"reason":"scans its neighbours"}
 *   {"cmd":"release","vf":0}
 *   {"cmd":"watch"}, {"cmd":"watch","port":"0000:01:00.0","vf":0}
 *   {"cmd":"capture","vf":0}, {"cmd":"capture","vf":0,"snaplen":96}
 *   {"cmd":"vfs","num_vfs":4}
 *
 * and in return {"ok":true,…} or {"ok":false,"code":64,"error":"vf: 9 is not in 0..2"}, code
 * being one of sysexits.h. The port may be left out where there is only one. Behind the reply to
 * "watch" come lines as the audit log has them, and {"lost":3} for those that the client was too
 * slow for, until one of both hangs up. Behind the reply to "capture" come frames, each behind a
 * struct control_frame, until the client has finished writing and got CONTROL_FRAMES_END.
 */
#ifndef SLUICE_PROTOCOL_H
#define SLUICE_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "policy.h"
#include "policy_keys.h"

#define CONTROL_REQUEST_BYTES 4096          /**< longest request, its newline included */
#define CONTROL_REPLY_BYTES   (1024 * 1024) /**< longest reply, its newline included */
#define CONTROL_ERROR_BYTES   VALUE_ERROR_BYTES

#define CONTROL_VF_NONE	     (-1)
#define CONTROL_NUM_VFS_NONE (-1)

#define CONTROL_REASON_BYTES	WATCH_TEXT_BYTES
#define CONTROL_RESTRAINT_BYTES (CONTROL_REASON_BYTES + 64)

enum control_cmd {
	CONTROL_SHOW,
	CONTROL_SET,
	CONTROL_TOKEN,
	CONTROL_STOP,	 /**< end now */
	CONTROL_DRAIN,	 /**< end when no VF is in use any more */
	CONTROL_UPGRADE, /**< end for a successor that goes on */
	CONTROL_QUARANTINE,
	CONTROL_RELEASE,
	CONTROL_WATCH, /**< a stream of events */
	CONTROL_CAPTURE, /**< a stream of frames */
	CONTROL_VFS,	 /**< another number of VFs */
};

/** Is what is set to stay when the daemon reads its file again? */
enum control_hold {
	CONTROL_HOLD_AS_IS, /**< if it was to already */
	CONTROL_HOLD_ON,
	CONTROL_HOLD_OFF,
};

struct control_request {
	enum control_cmd cmd;
	char pci[PCI_BYTES]; /**< empty: the only port */
	int vf;              /**< or CONTROL_VF_NONE */
	int num_vfs;         /**< of CONTROL_VFS; CONTROL_NUM_VFS_NONE: not given */
	char reason[CONTROL_REASON_BYTES]; /**< of a quarantine; empty: none given */
	uint32_t snaplen;    /**< of a capture: bytes of each frame, to CONTROL_SNAP_MAX; 0: all */
	enum control_hold hold;
	unsigned int keys;   /**< what of @p policy counts: bit i is row i of policy_keys */
	struct vf_policy policy;
};

#define CONTROL_SNAP_MAX 65535

/** What is before each frame of a capture, in this machine's byte order. */
struct control_frame {
	uint32_t kind;	/**< one of CONTROL_FRAME... */
	uint32_t bytes; /**< of the frame, which follow */
	uint32_t wire_bytes; /**< which it had */
	uint32_t nanoseconds;
	uint64_t seconds; /**< since 1970 */
	uint64_t nb;
};

#define CONTROL_FRAME	    1
#define CONTROL_FRAMES_LOST 2 /**< `nb` more, as the client was too slow */
#define CONTROL_FRAMES_END  3 /**< the last; the port's queues dropped `nb` meanwhile */

/** State of one VF, as shown. */
struct control_vf {
	uint16_t vf;
	char pci[PCI_BYTES];
	char driver[CONFIG_NAME_BYTES];
	bool ready;          /**< clear to send */
	bool quarantined;
	/** "quarantined: mailbox flood, …, until released"; empty: it is held to nothing */
	char restraint[CONTROL_RESTRAINT_BYTES];
	struct mac_addr mac; /**< in force; zero: none yet */
	struct vf_policy policy;
	uint32_t held;       /**< keys of it that a new configuration leaves alone */
	uint16_t macs, vlans, multicasts; /**< what the VF asked for and holds */
	uint32_t max_frame;               /**< bytes with CRC */
	bool promiscuous, all_multicast;
	uint64_t requests, acked, nacked, malformed, resets, flrs;
	uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes, rx_multicast; /**< hardware's */
	uint64_t malicious; /**< queues stopped as malicious */
	uint64_t throttled; /**< requests left unanswered */
	uint64_t lock_taken; /**< times the mailbox was taken from it */
};

struct control_port {
	char pci[PCI_BYTES];
	bool link_up;
	uint32_t link_mbps;
	uint16_t nb_vfs;
	struct control_vf vf[CONFIG_VFS_MAX];
};

struct control_state {
	uint16_t nb_ports;
	struct control_port port[CONFIG_PORTS_MAX];
};

/**
 * Decode a request.
 *
 * @param line   without its newline
 * @param error  on failure one line: key, value and what is allowed
 * @return 0 or -EINVAL
 */
int control_request_decode(const char *line, size_t bytes, struct control_request *request,
			   char error[CONTROL_ERROR_BYTES]);

/** The request as a line with its newline; NULL: out of memory. To be freed. */
char *control_request_encode(const struct control_request *request);

/**
 * Add `KEY TEXT`, as an operator types it, to a request.
 *
 * @return 0 or -EINVAL with one line in @p error
 */
int control_request_set(struct control_request *request, const char *key, const char *text,
			char error[CONTROL_ERROR_BYTES]);

/** The keys that a request decides: those that it names, and with a VLAN its priority. */
unsigned int control_request_keys(const struct control_request *request);

/**
 * What a VF's policy becomes by a request. As with `ip link`, a VLAN without a priority sets the
 * priority to 0.
 *
 * @param nb_vfs  of the port; the request's VF is one of them
 * @return 0; or -EINVAL with one line in @p error and @p policy untouched
 */
int control_request_apply(const struct control_request *request, uint16_t nb_vfs,
			  struct vf_policy *policy, char error[CONTROL_ERROR_BYTES]);

/* Replies, each as a line with its newline; NULL: out of memory. To be freed. */
char *control_reply_ok(void);
char *control_reply_token(const char *token);
char *control_reply_state(const struct control_state *state);
char *control_reply_error(int code, const char *error);

/** What came back; the object itself for those who want more. */
struct control_reply {
	bool ok;
	int code; /**< of sysexits.h, when not ok */
	char error[CONTROL_ERROR_BYTES];
	json_t *object; /**< to be released with json_decref() */
};

/** @return 0; or -EINVAL, this is no reply */
int control_reply_decode(const char *line, size_t bytes, struct control_reply *reply);

/** The state's "ports": an array; NULL: out of memory. */
json_t *control_state_encode(const struct control_state *state);

/** Read the state out of the reply to "show"; 0 or -EINVAL. */
int control_state_decode(const json_t *object, struct control_state *state);

#endif /* SLUICE_PROTOCOL_H */
