/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * hostile: VFs that stop at nothing. The driver of a VF, as far as DPDK and the model know, but it
 * does to the registers what it is told on standard input.
 *
 *	hostile --no-huge -d librte_bus_sluicemodel.so
 *		--vdev sluicemodel0,connect=/tmp/nic.sock,function=vf0-3,doorbell=trap
 *
 * At start "ready N". Then a line is a command, and has a line in return; numbers are hexadecimal:
 *	post VF WORD0 [...]	a message, as a driver sends it: "post 1"; "post 0": nobody took it
 *	ask VF WORD0 [...]	and its reply: "ask WORD0 ... WORD15"; without one, "unread" or
 *				"unanswered", the control register, what is in the buffer
 *	back VF WORD0 [...]	the same of one that may have nobody who answers: it asks each
 *				millisecond, until somebody has taken it
 *	hog VF WORD0 [...]	a message whose VF never lets go: "hog 1"; "hog 0": nobody took it
 *	storm VF KIND		from now on, in a thread of its own (storms[]): "storm"
 *	calm VF			no longer: "calm ROUNDS"
 *	flr VF			function-level reset: "flr"
 *	cut VF ACCESSES		a request, and after so many accesses a function-level reset: "cut"
 *	listen VF		start the rings: "listen"
 *	heard VF		frames since: "heard N"
 *	send VF DST SRC TYPE	a frame of that EtherType: "send 1"; "send 0": the ring stands still
 * The last one is the end of standard input.
 */
#include <err.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "hostile.h"

#define VFS_MAX	    64
#define WORDS	    16
#define LINE_BYTES  512
#define PF_CONTROL  0x100
/* A PF may take 20 s to let go of the buffer, to read, and to answer: each, on a busy machine. */
#define LOOK_US	    250
#define LOOKS	    (20 * 1000000 / LOOK_US)
#define QUICK_US    20
#define QUICK_LOOKS (20 * 1000000 / QUICK_US)

/* A VF's mailbox control, alike in all families. Reading clears STS and ACK. */
#define CONTROL_REQ (1u << 0)
#define CONTROL_ACK (1u << 1)
#define CONTROL_VFU (1u << 2)
#define CONTROL_STS (1u << 4)
#define CONTROL_PF_ACK (1u << 5)

/* Configuration space. */
#define COMMAND		   0x04
#define COMMAND_BUS_MASTER 0x0004
#define CAPABILITIES	   0x34
#define CAPABILITY_PCIE	   0x10
#define DEVICE_CONTROL	   0x08
#define DEVICE_CONTROL_FLR 0x8000

static const struct registers registers_gbe = {
	0x0c40, 0x0800, 0x2800, 0x3800, 0x0c, 1u << 31 | 1u << 25 | 2, 0
};
static const struct registers registers_xgbe = {
	0x02fc, 0x0200, 0x1000, 0x2000, 0x14, 1u << 28 | 1u << 25 | 2, 1u << 7
};

static const struct {
	uint16_t device_id;
	const struct registers *registers;
} devices[] = {
	{ 0x10ca, &registers_gbe },	/* 82576 */
	{ 0x1520, &registers_gbe },	/* I350 */
	{ 0x10ed, &registers_xgbe },	/* 82599 */
	{ 0x1515, &registers_xgbe },	/* X540 */
	{ 0x1565, &registers_xgbe },	/* X550 */
};

const struct registers *registers;
static struct vf vfs[VFS_MAX];
static unsigned int nb_vfs;

/* --- Registers --- */

static uint32_t
next_random(struct vf *vf)
{
	vf->seed = vf->seed * 1664525 + 1013904223;
	return vf->seed >> 3;
}

/* --- Messages --- */

/** @param bits  all bits of the control register that were seen, as reading clears some */
static bool
wait_for(struct vf *vf, uint32_t bit, uint32_t *bits)
{
	for (unsigned int i = 0; i < LOOKS; i++) {
		*bits |= get(vf, registers->control);
		if ((*bits & bit) != 0)
			return true;
		usleep(LOOK_US);
	}
	return false;
}

static void
write_words(struct vf *vf, const uint32_t *words, unsigned int nb)
{
	for (unsigned int i = 0; i < nb; i++)
		set(vf, registers->memory + 4 * i, words[i]);
}

static bool
lock_buffer(struct vf *vf)
{
	for (unsigned int i = 0; i < LOOKS; i++) {
		set(vf, registers->control, CONTROL_VFU);
		if ((get(vf, registers->control) & CONTROL_VFU) != 0)
			return true;
		usleep(LOOK_US);
	}
	return false;
}

static bool
post(struct vf *vf, const uint32_t *words, unsigned int nb, uint32_t *bits)
{
	if (!lock_buffer(vf))
		return false;
	write_words(vf, words, nb);
	set(vf, registers->control, CONTROL_REQ);
	return wait_for(vf, CONTROL_PF_ACK, bits);
}

static void
print_buffer(struct vf *vf)
{
	for (unsigned int i = 0; i < WORDS; i++)
		printf(" %08x", get(vf, registers->memory + 4 * i));
}

static void
do_post(struct vf *vf, const uint32_t *words, unsigned int nb)
{
	uint32_t bits = 0;

	printf(" %d", post(vf, words, nb, &bits));
}

static void
do_ask(struct vf *vf, const uint32_t *words, unsigned int nb)
{
	uint32_t bits = 0;
	bool taken = post(vf, words, nb, &bits);

	while (taken && wait_for(vf, CONTROL_STS, &bits)) {
		/* What the PF says unasked comes through the same buffer, and may come first. */
		if ((get(vf, registers->memory) & 0xffff) != PF_CONTROL) {
			print_buffer(vf);
			set(vf, registers->control, CONTROL_ACK);
			return;
		}
		set(vf, registers->control, CONTROL_ACK);
		bits = 0;
	}
	printf(" %s %08x", taken ? "unanswered" : "unread", get(vf, registers->control));
	print_buffer(vf);
}

static void
do_back(struct vf *vf, const uint32_t *words, unsigned int nb)
{
	uint32_t bits = 0;

	for (unsigned int i = 0; i < QUICK_LOOKS && (bits & CONTROL_STS) == 0; i++) {
		if (i % (1000 / QUICK_US) == 0 && (bits & CONTROL_PF_ACK) == 0) {
			write_words(vf, words, nb);
			set(vf, registers->control, CONTROL_REQ);
		}
		usleep(QUICK_US);
		bits |= get(vf, registers->control);
	}
	if ((bits & CONTROL_STS) == 0)
		printf(" unanswered");
	print_buffer(vf);
	set(vf, registers->control, CONTROL_ACK);
}

/** A driver lets go of the buffer by asking. */
static void
do_hog(struct vf *vf, const uint32_t *words, unsigned int nb)
{
	uint32_t bits = 0;
	bool taken;

	if (!lock_buffer(vf))
		errx(EX_UNAVAILABLE, "no lock");
	write_words(vf, words, nb);
	set(vf, registers->control, CONTROL_VFU | CONTROL_REQ);
	taken = wait_for(vf, CONTROL_PF_ACK, &bits);
	printf(" %d", taken);
	set(vf, registers->control, 0);
}

/** @return where in the configuration space the capability is, 0: nowhere */
static uint8_t
find_capability(struct rte_pci_device *pci, uint8_t wanted)
{
	uint8_t at = CAPABILITIES, header[2] = { 0 };

	if (rte_pci_read_config(pci, &at, 1, CAPABILITIES) != 1)
		return 0;
	while (at != 0 && rte_pci_read_config(pci, header, 2, at) == 2 && header[0] != wanted)
		at = header[1];
	return at;
}

static void
change_config(struct rte_pci_device *pci, unsigned int at, uint16_t bit)
{
	uint16_t word = 0;

	if (rte_pci_read_config(pci, &word, sizeof(word), at) != sizeof(word))
		return;		/* the device has gone */
	word |= bit;
	(void)rte_pci_write_config(pci, &word, sizeof(word), at);
}

static void
do_flr(struct vf *vf, const uint32_t *words, unsigned int nb)
{
	(void)words;
	(void)nb;
	change_config(vf->pci, find_capability(vf->pci, CAPABILITY_PCIE) + DEVICE_CONTROL,
		      DEVICE_CONTROL_FLR);
	change_config(vf->pci, COMMAND, COMMAND_BUS_MASTER);
}

/** The lock, the words of SET_VLAN 5, the request, looks for the reply; cut off at one of them. */
static void
do_cut(struct vf *vf, const uint32_t *words, unsigned int nb)
{
	const struct { uint32_t offset, value; } accesses[] = {
		{ registers->control, CONTROL_VFU },
		{ registers->memory, 0x10004 },
		{ registers->memory + 4, 5 },
		{ registers->control, CONTROL_REQ },
	};
	const unsigned int left = nb > 0 ? words[0] : 0;

	for (unsigned int i = 0; i < left; i++) {
		if (i < sizeof(accesses) / sizeof(accesses[0]))
			set(vf, accesses[i].offset, accesses[i].value);
		else
			(void)get(vf, registers->control);
	}
	do_flr(vf, NULL, 0);
}

/* --- Storms --- */

static void
storm_requests(struct vf *vf)
{
	static const uint32_t requests[][2] = {
		{ 0x10004, 7 }, { 4, 7 }, { 3, 0 }, { 5, 1518 }, { 6, 0 }, { 0x1ff, 0 },
	};
	const uint32_t *request = requests[vf->rounds % (sizeof(requests) / sizeof(requests[0]))];

	write_words(vf, request, 2);
	set(vf, registers->control, CONTROL_REQ);
}

static void
storm_resets(struct vf *vf)
{
	set(vf, registers->memory, 1);
	set(vf, registers->control, CONTROL_REQ);
}

/** Never let go, and ask all the same. */
static void
storm_lock(struct vf *vf)
{
	set(vf, registers->control, CONTROL_VFU);
	set(vf, registers->control, CONTROL_VFU | CONTROL_REQ);
}

/** A request that is granted, made another one while the PF reads. */
static void
storm_rewrite(struct vf *vf)
{
	static const uint32_t others[] = { 0x30006, 2, 0x10004, 1, 0x00010002, 0xc, 5, UINT32_MAX };

	set(vf, registers->memory, 0x10004);
	set(vf, registers->control, CONTROL_REQ);
	for (unsigned int i = 0; i < 4; i++) {
		uint32_t word = next_random(vf) % WORDS;

		set(vf, registers->memory + 4 * word, next_random(vf));
		set(vf, registers->memory, others[next_random(vf) % 8]);
	}
}

static void
storm_flr(struct vf *vf)
{
	storm_resets(vf);
	do_flr(vf, NULL, 0);
}

static void
storm_garbage(struct vf *vf)
{
	set(vf, registers->memory + 4 * (next_random(vf) % WORDS), next_random(vf) << 3);
	set(vf, registers->control, next_random(vf));
	(void)get(vf, registers->control);
}

static const struct {
	const char *name;
	void (*round)(struct vf *vf);
} storms[] = {
	{ "requests", storm_requests }, { "resets", storm_resets },   { "lock", storm_lock },
	{ "rewrite", storm_rewrite },	{ "flr", storm_flr },	      { "garbage", storm_garbage },
};

static void *
run_storm(void *arg)
{
	struct vf *vf = arg;

	for (vf->rounds = 0; atomic_load(&vf->storms); vf->rounds++)
		vf->storm(vf);
	return NULL;
}

static void
start_storm(struct vf *vf, const char *kind)
{
	for (size_t i = 0; i < sizeof(storms) / sizeof(storms[0]); i++) {
		if (strcmp(storms[i].name, kind) == 0)
			vf->storm = storms[i].round;
	}
	if (vf->storm == NULL || atomic_exchange(&vf->storms, true))
		errx(EX_USAGE, "storm %s", kind);
	if (pthread_create(&vf->thread, NULL, run_storm, vf) != 0)
		errx(EX_OSERR, "no thread");
}

static void
do_calm(struct vf *vf, const uint32_t *words, unsigned int nb)
{
	(void)words;
	(void)nb;
	if (atomic_exchange(&vf->storms, false))
		pthread_join(vf->thread, NULL);
	vf->storm = NULL;
	printf(" %lu", vf->rounds);
	set(vf, registers->control, 0);
}

/* --- Commands --- */

static const struct {
	const char *name;
	void (*act)(struct vf *vf, const uint32_t *words, unsigned int nb);
} commands[] = {
	{ "post", do_post }, { "ask", do_ask },	      { "calm", do_calm },     { "flr", do_flr },
	{ "cut", do_cut },   { "listen", do_listen }, { "heard", do_heard },   { "hog", do_hog },
	{ "back", do_back },
};

static void
obey(const char *line)
{
	char name[16];
	unsigned int vf, nb = 0;
	uint32_t words[WORDS];
	int at = 0;

	if (sscanf(line, "%15s %u%n", name, &vf, &at) != 2 || vf >= nb_vfs)
		errx(EX_USAGE, "%s", line);
	line += at + (line[at] == ' ');
	printf("%s", name);
	if (strcmp(name, "storm") == 0)
		return start_storm(&vfs[vf], line);
	if (strcmp(name, "send") == 0)
		return send_frame(&vfs[vf], line);
	for (; nb < WORDS && sscanf(line, "%" SCNx32 "%n", &words[nb], &at) == 1; nb++)
		line += at;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, name) == 0)
			return commands[i].act(&vfs[vf], words, nb);
	}
	errx(EX_USAGE, "%s: no such command", name);
}

/* --- The driver --- */

static int
probe(struct rte_pci_driver *driver, struct rte_pci_device *pci)
{
	struct vf *vf = &vfs[nb_vfs];
	char name[RTE_MEMZONE_NAMESIZE];

	(void)driver;
	for (size_t i = 0; i < RTE_DIM(devices); i++) {
		if (devices[i].device_id == pci->id.device_id)
			registers = devices[i].registers;
	}
	snprintf(name, sizeof(name), "hostile %u", nb_vfs);
	vf->zone = rte_memzone_reserve_aligned(name, MEMORY_BYTES, SOCKET_ID_ANY,
					       RTE_MEMZONE_IOVA_CONTIG, 4096);
	if (vf->zone == NULL || nb_vfs == VFS_MAX - 1)
		return -ENOMEM;
	vf->memory = vf->zone->addr;
	vf->pci = pci;
	vf->bar = pci->mem_resource[0].addr;
	vf->seed = nb_vfs++;
	return 0;
}

static int
remove_nothing(struct rte_pci_device *pci)
{
	(void)pci;
	return 0;
}

static const struct rte_pci_id ids[] = {
	{ RTE_PCI_DEVICE(0x8086, 0x10ca) }, { RTE_PCI_DEVICE(0x8086, 0x1520) },
	{ RTE_PCI_DEVICE(0x8086, 0x10ed) }, { RTE_PCI_DEVICE(0x8086, 0x1515) },
	{ RTE_PCI_DEVICE(0x8086, 0x1565) }, { .vendor_id = 0 },
};

static struct rte_pci_driver hostile_driver = {
	.id_table = ids,
	.drv_flags = RTE_PCI_DRV_NEED_MAPPING,
	.probe = probe,
	.remove = remove_nothing,
};

RTE_PMD_REGISTER_PCI(hostile, hostile_driver);

int
main(int argc, char **argv)
{
	char line[LINE_BYTES];

	if (rte_eal_init(argc, argv) < 0)
		errx(EX_UNAVAILABLE, "EAL: %s", rte_strerror(rte_errno));
	if (nb_vfs == 0)
		errx(EX_UNAVAILABLE, "no VF");
	printf("ready %u\n", nb_vfs);
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		obey(line);
		printf("\n");
		fflush(stdout);
	}
	return EX_OK;
}
