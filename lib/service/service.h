/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Answers the VFs of one PF: request -> decode -> policy -> pool -> reply.
 *
 * The only place where mechanism (pool_ops.h) and decision (policy.h) meet. The daemon runs it
 * with the operator's policy; the plugin runs it with policy_default for a PF that no daemon owns.
 * No DPDK, no clock, no I/O: the caller hands in the time and carries out replies. Not
 * thread-safe: the caller serialises.
 */
#ifndef SLUICE_SERVICE_H
#define SLUICE_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "message.h"
#include "policy.h"
#include "pool_ops.h"
#include "watch.h"

#define SERVICE_VFS_MAX 64
#define SERVICE_MACS_MAX 64	/**< additional addresses one VF may hold, trusted or not */
#define SERVICE_VLANS_MAX 64
#define SERVICE_FRAME_BYTES FRAME_BYTES_USUAL	/**< of a VF that asked for nothing */

/* How long to wait before… */
#define SERVICE_NACK_MS	  2000	/**< …refusing a VF that is not clear to send once more */
#define SERVICE_HOLD_MS	  100	/**< …reading the next request of a VF that is restrained */
#define SERVICE_QUIET_MS  1000	/**< …overwriting a message: a VF reads its reply within 1 s */
#define SERVICE_REMIND_MS 2000	/**< …telling a VF once more to reset itself */

/** A VF as its PF sees it. */
enum vf_state {
	VF_WAIT_RESET,	/**< nothing but RESET is served */
	VF_READY,	/**< clear to send */
	VF_QUARANTINED,	/**< its pool is shut, and it is served nothing, RESET included */
};

/** Counted since the service started; never reset by the VF. */
struct vf_counters {
	uint64_t requests;	/**< messages read from the VF; each is either acked or nacked */
	uint64_t acked;		/**< served, a RESET that has no address to hand out included */
	uint64_t nacked;	/**< refused by policy, state or table space, even if silently */
	uint64_t malformed;	/**< nacked too: unknown opcode, bad length or field */
	uint64_t resets;	/**< RESET messages answered */
	uint64_t flrs;		/**< function-level or register resets seen */
	uint64_t throttled;	/**< nacked too: left unanswered, beyond the VF's budget */
};

#define SERVICE_REASON_BYTES WATCH_TEXT_BYTES

/** Why and for how long a VF is in VF_QUARANTINED; not `on`: it is not. */
struct vf_quarantine {
	bool on;
	uint64_t until_ms;	/**< it ends by itself then; 0: it does not */
	char reason[SERVICE_REASON_BYTES];	/**< one printable line */
};

struct vf_entry {
	struct vf_policy policy;
	uint32_t held;	/**< the caller's note of what in the policy a reload leaves alone */
	enum vf_state state;

	/* What the VF holds. While enabled, its pool holds exactly this, and no VLAN but the port
	 * VLAN if there is one. */
	bool enabled;			/**< its pool is set up; its queues run if they may */
	struct mac_addr mac;		/**< in force; zero: none yet */
	struct mac_addr extra[SERVICE_MACS_MAX];
	uint16_t nb_extra;
	uint16_t vlans[SERVICE_VLANS_MAX];	/**< asked for by the VF */
	uint16_t nb_vlans;
	uint16_t multicast[QUOTA_MULTICASTS];	/**< hash values */
	uint16_t nb_multicast;
	bool multicast_overflow;	/**< it has more groups than it can name: receives all */
	uint32_t max_frame;		/**< bytes with CRC, without VLAN tag */
	bool promiscuous, all_multicast;
	bool captured;			/**< mirrored to the PF, where the policy has no mirror */
	bool takes_larger;		/**< frames beyond max_frame, where the port's may be */
	enum mbx_api api;		/**< of a dialect with versions: the one agreed on */
	struct vf_quarantine quarantine;

	/* What is to be said to it. */
	bool reset_wanted;		/**< the operator's change needs a reset of the VF */
	uint64_t reset_wanted_ms;	/**< when it was last told so */
	unsigned int reset_notices;	/**< how often it was told so */
	bool link_notice;		/**< the link changed, and it was not told yet */
	bool cts_shown;			/**< the buffer's last word said clear to send */
	uint64_t quiet_until_ms;	/**< it may not have read the last message before this */
	uint64_t last_nack_ms;		/**< of a NACK without CTS; 0: none yet */

	struct vf_counters counters;
};

struct mbx_op;	/* dispatch.h */

/** One decision, for the log: reported once per request. */
struct service_verdict {
	uint16_t vf;
	const char *request;	/**< name of the message, "unknown" if it has none */
	uint32_t word0;
	bool ok;
	const char *reason;	/**< why not, or what was done; one line, never NULL */
	bool rare;		/**< no answer to a request: to be told however many those are */
	const struct mbx_msg *message;	/**< the request; NULL: it is about none */
	const struct mbx_op *op;	/**< its row; NULL: there is none */
};

#define SERVICE_ARGS_BYTES 64

/** What was asked for, such as "add vlan 20"; empty: it has no arguments, or they are malformed. */
void service_verdict_args(const struct service_verdict *verdict, char text[SERVICE_ARGS_BYTES]);

/**
 * What is being done to one VF's pool and entry. Written before it is done, so that whoever goes on
 * with a book whose owner died at any moment can finish it; see service_resume().
 */
struct book_journal {
	enum book_stage {
		BOOK_AT_REST,
		BOOK_MOVING,		/**< the pool, from the entry to next */
		BOOK_UNDOING,		/**< the pool, back from next to the entry */
		BOOK_OPENING,		/**< the pool is cleaned and then set up as next says */
		BOOK_CLOSING,		/**< the pool is shut and the entry emptied */
		BOOK_COMMITTING,	/**< next is copied into the entry */
	} stage;
	uint16_t vf;
	struct vf_entry next;
};

/** The words of one hardware family's VFs: lib/service/ops_*.c. */
struct service_dialect {
	const struct mbx_op *ops;
	size_t nb_ops;
	void (*reply)(struct mbx_msg *reply, const struct mbx_msg *request, uint32_t flags);
	void (*reply_reset)(struct mbx_msg *reply, const struct mac_addr *mac);
	/** A VF asks whether there is a port VLAN, whose tag it may have to take off, at RESET. */
	bool told_of_port_vlan;
};

struct vf_service {
	uint16_t port_id;
	uint16_t nb_vfs;
	const struct pool_ops *pool;
	const struct service_dialect *dialect;
	struct vf_entry vf[SERVICE_VFS_MAX];
	struct watch watch[SERVICE_VFS_MAX];
	struct book_journal journal;
	unsigned int refused;	/**< what the pool refused last: for service_refusal() */

	/* The caller's, before service_start(). */
	enum mbx_dialect speaks;	/**< what the PF driver says its VFs speak */

	/* The caller's, before or after service_start(). */
	void (*report)(void *ctx, const struct service_verdict *verdict);	/**< may be NULL */
	void *report_ctx;
	struct mac_addr pf_mac;	/**< no untrusted VF gets this address; zero: not known */
	struct watch_rules rules;	/**< of all its VFs; change them with service_set_rules() */
};

/**
 * Start serving: every VF in VF_WAIT_RESET with its pool disabled and reset.
 *
 * Writes all of @p service but the caller's fields.
 *
 * @param policies  one per VF; NULL: policy_default for all
 * @return 0, or -EINVAL for more than SERVICE_VFS_MAX VFs, an unknown dialect or a policy that
 *         policy_check_vf() refuses, or the pool's -errno, and then no VF is served
 */
int service_start(struct vf_service *service, uint16_t port_id, uint16_t nb_vfs,
		  const struct pool_ops *pool, const struct vf_policy *policies);

/**
 * The same after another number of VFs was made, with the policies that the book has. Those of VFs
 * that are gone stay in it, and those of VFs that there have never been are policy_default.
 *
 * Should the process die meanwhile, the next one may do it once more.
 */
int service_start_again(struct vf_service *service, uint16_t port_id, uint16_t nb_vfs,
			const struct pool_ops *pool);

/**
 * Go on serving with a book in memory that outlived its process, whose pools were never touched
 * meanwhile: each VF is what it was, live settings included. What was under way is finished, or
 * taken back if it was being taken back.
 *
 * The caller's fields are to be written anew before, as they point into the process that died. The
 * rest of @p service is that process's, the port's number too.
 *
 * @return 0; -EINVAL this cannot be such a book; or the pool's -errno: a VF is shut off then, and
 *         asked to reset itself
 */
int service_resume(struct vf_service *service, const struct pool_ops *pool);

/**
 * The VF went through FLR: drop what it held, wait for RESET. A quarantine ends, and what was
 * watched is forgotten.
 *
 * The address it had chosen is forgotten too, as the next owner of the VF may be another guest;
 * over a mere RESET message it is kept, and handed out again.
 */
void service_on_vf_reset(struct vf_service *service, uint16_t vf);

/**
 * The VF's driver set its reset bit, which is no more than a RESET to come: as
 * service_on_vf_reset(), but a quarantine stays.
 */
void service_on_vf_restart(struct vf_service *service, uint16_t vf);

/**
 * Answer one request.
 *
 * A request takes effect as a whole or not at all, with one exception for the sake of VFs that
 * know Linux's igb: of SET_PROMISC the multicast part is done even if the unicast part is refused.
 * A set-multicast whose sender says that it has more groups than fit into the message gets all
 * multicast, rather than losing groups, until it sends one that fits.
 *
 * A word 0 with ACK, NACK or CTS is no request but most likely the PF's own words, read again: it
 * is counted as malformed and not answered. A VF that is not clear to send is refused without CTS,
 * every SERVICE_NACK_MS at most.
 *
 * What the VF asks is counted, and done about it is what service->rules say: too many requests may
 * be refused, or left unanswered. A VF in quarantine is refused as one that is not clear to send.
 *
 * @param now_ms  a monotonic clock
 * @return true: @p reply is to be sent; false: say nothing
 */
bool service_on_request(struct vf_service *service, uint16_t vf, const struct mbx_msg *request,
			uint64_t now_ms, struct mbx_msg *reply);

/**
 * Change a VF's policy while it runs. All of it takes effect at once. A new pinned MAC asks the VF
 * to reset itself besides, as does a state that comes to be `disable` or is it no longer, and a
 * port VLAN that comes or goes in a dialect that tells the VF of it.
 *
 * What the VF holds and would not get any more is taken away if it is another address than the
 * pinned one (the VF is then asked to reset itself), unicast promiscuous mode, or a VLAN that is
 * not one of its trunk. Quotas bind what it asks for from now on. Its own VLANs rest while there is
 * a port VLAN, and its groups while it may not receive them; they come back after that.
 * Another VF that had picked the newly pinned address for itself, untrusted, loses it and is asked
 * to reset itself; the operator may pin one address to two VFs.
 *
 * @return 0; -EINVAL no such VF, or policy_check_vf() refuses; or the pool's -errno, such as
 *         -ENOTSUP for what this hardware has not: see service_refusal(). On failure the
 *         old policy is still in force, unless the pool failed to go back as well: then the VF is
 *         shut off and asked to reset itself.
 */
int service_set_policy(struct vf_service *service, uint16_t vf, const struct vf_policy *policy);

/**
 * Mirror what the VF receives to the PF, beside its policy and until it is taken back: over resets
 * of the VF, but not over service_resume(), as who looked on is gone then. Where the policy has a
 * mirror, that is in force.
 *
 * @return 0; -EINVAL no such VF; or the pool's -errno: see service_refusal()
 */
int service_capture(struct vf_service *service, uint16_t vf, bool on);

/**
 * Why service_start(), service_capture() or service_set_policy() failed with one of the pool's
 * -errno: a line that names the policy's key if it is one that this hardware lacks or cannot set
 * so.
 */
void service_refusal(const struct vf_service *service, int rc, char *text, size_t bytes);

/**
 * Is there something to tell the VF unasked (link changed, reset yourself)? Called for each VF
 * after an event and about once a second.
 *
 * There is one buffer, so nothing is said for SERVICE_QUIET_MS after a message, lest it overwrite
 * one that the VF has not read; the notice then comes with a later call.
 *
 * "Link changed" is also sent to a VF whose last word from us had no CTS (the reply to RESET):
 * Linux's igbvf reports link only while the buffer shows CTS. "Reset yourself" alternates
 * between the word that DPDK's VF obeys (0x100) and the one that igbvf's watchdog obeys (NACK
 * without CTS), every SERVICE_REMIND_MS until the VF has sent RESET.
 *
 * @param link_changed  the PF's link went up or down since the last call
 * @return true: @p message is to be sent; should it not go out, service_notice_lost()
 */
bool service_notice(struct vf_service *service, uint16_t vf, bool link_changed, uint64_t now_ms,
		    struct mbx_msg *message);

/** The VF held its mailbox, or was asking: say what there is to say with a later call again. */
void service_notice_lost(struct vf_service *service, uint16_t vf);

/* --- What VFs do too much of, and quarantine: quarantine.c --- */

/** Watch by other rules from now on; what was seen is forgotten, and only quarantines stay. */
void service_set_rules(struct vf_service *service, const struct watch_rules *rules);

/** Count what the caller saw of the VF, and do what the rules say; a verdict tells of it. */
void service_count(struct vf_service *service, uint16_t vf, enum watch_kind kind, uint64_t nb,
		   uint64_t now_ms);

/** End what has lasted its time. To be called every 100 ms or so. */
void service_watch_tick(struct vf_service *service, uint64_t now_ms);

/**
 * Shut the VF off until its FLR, service_release() or a time: its pool is closed and what it held
 * forgotten, and all its requests are refused. One in quarantine already gets the new reason and
 * time.
 *
 * @param reason  one line; what is not printable ASCII becomes '?'
 * @param until_ms  when it ends by itself; 0: it does not
 * @return 0; -EINVAL no such VF; or the pool's -errno: the VF is in quarantine all the same
 */
int service_quarantine(struct vf_service *service, uint16_t vf, const char *reason,
		       uint64_t until_ms);

/**
 * End quarantine, throttling and refusal. A VF that was in quarantine is asked to reset itself, and
 * is as after an FLR until it does.
 *
 * @return 0; -EINVAL no such VF; -EALREADY nothing was in force; or the pool's -errno: it ended all
 *         the same
 */
int service_release(struct vf_service *service, uint16_t vf);

#define SERVICE_RESTRAINT_BYTES (SERVICE_REASON_BYTES + 64)

/**
 * What the VF is held to, such as "quarantined: mailbox flood, 3012 requests in 1000 ms, until
 * released"; empty: nothing.
 */
void service_restraint(const struct vf_service *service, uint16_t vf, uint64_t now_ms,
		       char text[SERVICE_RESTRAINT_BYTES]);

#endif /* SLUICE_SERVICE_H */
