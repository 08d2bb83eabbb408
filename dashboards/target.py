# SPDX-License-Identifier: Apache-2.0
"""The dashboard "Target": everything that is known of one target, and how it came there."""
from grafana import (ANSWERS, BARS, BLUE, CAUSES, COLORED, DRILLS, DRILL_STAGES, GREEN, GREY, LIMIT, Metrics, NEUTRAL, NO_LEGEND, ORANGE, PHASES, PURPLE,
                     RED, RESULTS, STEPS, YELLOW, annotation, bars, dashboard as make_dashboard, dashed, mapping, override, query, series,
                     steps, table, tile, tiles, timeline, variable, words)

M = Metrics()
MISFIRES = [("downtime", ORANGE), ("overlap", YELLOW), ("queue_full", PURPLE)]


def over_time(ref, expr, legend):
    return query(ref, expr, legend, instant=False)


def answer():
    return tiles(
        "Can we restore?",
        "The worst news of this target, in words.\n\n"
        "- **Yes, proven**: the last run restored the backup and every check passed, in time, within every objective.\n"
        "- **No, backup is bad**: it does not restore, or a check disagrees.\n"
        "- **No backup found** where backups should be.\n"
        "- **Proof overdue**: the last pass is older than its limit.\n"
        "- **Backup too old**: the newest one is older than the recovery point objective.\n"
        "- **Could not tell**: the test could not be done. That is not the backup's fault.\n"
        "- **Yes, but too slowly**: the restore took longer than the recovery time objective.\n"
        "- **Not proven yet**: it never passed, and its limit is not over.",
        [tile("A", "Answer", M.answer(), none="Not configured", mappings=mapping(ANSWERS))], show="value")


def where_it_stands():
    m = M.one
    return tiles(
        "Where it stands",
        "- **Last run**: Passed; Failed = the backup is bad; Inconclusive = the test could not be done.\n"
        "- **Last pass**: when the last run that passed ended.\n"
        "- **Proven RPO**: age of the backup that this run restored: what you would get back today, proven.\n"
        "- **Restore time**: time to fetch and restore, measured in the last run whose restore completed.\n"
        "- **Next run**: when it is due.",
        [tile("B", "Last run", M.result(), none="none", mappings=mapping(RESULTS)),
         tile("C", "Last pass", f"({m('last_success_timestamp_seconds')} > 0) * 1000", "dateTimeFromNow", none="never"),
         tile("D", "Proven RPO", M.age("backup_verified"), "s", none="none", decimals=1),
         tile("E", "Restore time", f"{m('last_restore_duration_seconds')} > 0", "s", none="none yet", decimals=1),
         tile("F", "Next run", f"({m('next_run_timestamp_seconds')} > 0) * 1000", "dateTimeFromNow", none="not scheduled")])


def in_numbers():
    m = M.one
    share = lambda ref, name, age, limit, none="no objective": tile(
        ref, name, f"({age}) / ({m(limit)} > 0)", "percentunit", none=none, limits=LIMIT)
    return tiles(
        "In numbers",
        "- **Run going on**: how far it is.\n"
        "- **Not passed in a row**: finished runs since the last one that passed.\n"
        "- **Last pass, % of limit**: how much of its limit (max_age) the age of the last pass has used up; 100 % and more = overdue. "
        "A target that never passed is counted from when it was configured.\n"
        "- **Age, % of RPO**: age of the newest backup against the recovery point objective; above 100 % = too old.\n"
        "- **Restore, % of RTO**: the restore time against the recovery time objective; above 100 % = too slow.\n"
        "- **Compared with manifest**: whether the last run compared what it restored with the manifest beside the backup.\n"
        "- **Backups found** when the source was last listed.",
        [tile("A", "Run going on", f"{m('run_progress_ratio')} and {m('run_in_progress')} == 1", "percentunit", none="none", color=BLUE),
         tile("B", "Not passed in a row", m("consecutive_failures"), limits=steps((None, NEUTRAL), (1, YELLOW)), none="–"),
         share("C", "Last pass, % of limit", M.unproven_for(), "verification_max_age_seconds", "no limit"),
         share("D", "Age, % of RPO", M.age("backup_latest"), "rpo_objective_seconds"),
         share("E", "Restore, % of RTO", f"{m('last_restore_duration_seconds')} > 0", "rto_objective_seconds"),
         tile("G", "Compared with manifest", m("last_run_manifest_compared"), none="–", mappings=mapping([(0, "No", NEUTRAL), (1, "Yes", GREEN)])),
         tile("F", "Backups found", m("backups"), limits=steps((None, RED), (1, NEUTRAL)), none="–")])


def selftest():
    m = M.one
    damages = lambda result: m("selftest_damages", f'result="{result}"')
    done = f"{m('selftest_last_timestamp_seconds')} > 0"
    count = lambda ref, name, result, limits=None: tile(
        ref, name, f"{damages(result)} and ({done})", none="none yet", limits=limits)
    return tiles(
        "Can it say no?",
        "The last self-test: copies of a good backup are damaged, and each must get the right verdict.\n\n"
        "- **Self-test**: Passed = every damage got it.\n"
        "- **Done**: when it ended.\n"
        "- **Caught**: damages that were noticed.\n"
        "- **Needs a manifest**: these change values only; without a manifest beside the backup nothing can tell.\n"
        "- **Missed**: the wrong verdict: such a damage would not be noticed.",
        [tile("A", "Self-test", f"{m('selftest_success')} + 1 and ({done})", none="none yet",
              mappings=mapping([(1, "Failed", RED), (2, "Passed", GREEN)])),
         tile("B", "Done", f"({done}) * 1000", "dateTimeFromNow", none="never"),
         count("C", "Caught", "caught"), count("D", "Needs a manifest", "needs_manifest"),
         count("E", "Missed", "missed", steps((None, NEUTRAL), (1, RED)))])


def drill():
    m = M.one
    share = lambda ref, name, value, limit: tile(
        ref, name, f"({m(value)} > 0) / ({m(limit)} > 0)", "percentunit", none="no objective", limits=LIMIT)
    return tiles(
        "Does the recovery work?",
        "The last recovery drill: a backup was taken, a stand-in of production lost, and the backup restored and proven.\n\n"
        "- **Drill**: Passed = what was restored was proven; Failed = the recovery does not work.\n"
        "- **Done**: when it ended.\n"
        "- **RTO**: from the loss until it was proven. **of RTO**: the same against the objective (rto).\n"
        "- **RPO**: from the newest data that came back to the loss. **of RPO**: the same against the objective (rpo).\n"
        "- **Next drill**: when it is due.",
        [tile("A", "Drill", M.drill(), none="never drilled", mappings=mapping(DRILLS)),
         tile("B", "Done", f"({m('drill_last_timestamp_seconds')} > 0) * 1000", "dateTimeFromNow", none="never"),
         tile("C", "RTO", f"{m('drill_recovery_seconds')} > 0", "s", none="not measured", decimals=1),
         share("D", "of RTO", "drill_recovery_seconds", "rto_objective_seconds"),
         tile("E", "RPO", f"{m('drill_data_loss_seconds')} > 0", "s", none="not measured", decimals=1),
         share("F", "of RPO", "drill_data_loss_seconds", "rpo_objective_seconds"),
         tile("G", "Next drill", f"({m('drill_next_timestamp_seconds')} > 0) * 1000", "dateTimeFromNow", none="not scheduled")])


def drill_stages():
    stage = lambda name: M.one("drill_phase_duration_seconds", f'phase="{name}"')
    return bars(
        "Stages of the last drill", "Where the last drill that passed or failed spent its time. The recovery is lose to prove. "
        "0 s = the drill did not get there.",
        [query(chr(ord("A") + i), stage(name), name) for i, (name, _) in enumerate(DRILL_STAGES)], "s", decimals=1,
        noValue="No drill is configured",
        overrides=[override(name, color={"mode": "fixed", "fixedColor": color}) for name, color in DRILL_STAGES])


def drills_over_time():
    m = M.one
    share = lambda measured, objective: f"({m(measured)} > 0) / ({m(objective)} > 0)"
    return series(
        "Drilled recovery in % of its objectives",
        "What drills measured against the objectives: from the loss until it was proven (RTO), and from the newest data that came back to "
        "the loss (RPO). Above the dashed line, 100 %, an objective was missed.",
        [over_time("A", share("drill_recovery_seconds", "rto_objective_seconds"), "RTO"),
         over_time("B", share("drill_data_loss_seconds", "rpo_objective_seconds"), "RPO")],
        "percentunit", decimals=0, custom=STEPS | {"axisSoftMax": 1.1, "thresholdsStyle": {"mode": "dashed"}},
        thresholds=steps((None, "transparent"), (1, RED)), noValue="No drill measured what has an objective",
        overrides=[override("RTO", color={"mode": "fixed", "fixedColor": "blue"}), override("RPO", color={"mode": "fixed", "fixedColor": "green"})])


def checks_table():
    by_check = lambda name: f"max by (job, instance, target, check) ({M.of(name)})"
    success = by_check("last_run_check_success")
    phase = 'phase="check"'
    not_reached = f"on (job, instance, target) {M.one('last_run_phase_duration_seconds', phase)} == 0"
    return table(
        "Checks",
        "What was asked of the restored database. **Last run**: whether every answer of the check was right in the last run; "
        "not asked = the run did not get so far. The numbers are of all runs ever.",
        {"A": f"{success} == 1 or ({success} and {not_reached}) * 0 - 1 or {success}",
         "B": by_check("checks_total"), "C": by_check("check_failures_total")},
        {"check": "Check", "Value #A": "Last run", "Value #B": "Answers", "Value #C": "not passed"}, sort="Value #A", descending=False,
        hidden=["job", "instance", "target"],
        overrides=[
            override("Last run", mappings=mapping([(-1, "Not asked", GREY), (0, "Not passed", RED), (1, "Passed", GREEN)]),
                     custom__cellOptions=COLORED, custom__width=120),
            override("Answers", decimals=0, custom__width=90),
            override("not passed", decimals=0, custom__width=95),
        ])


def drift_table():
    return table(
        "Unlike earlier passes",
        "What the last run found unlike the passes before it, by kind: tables that dropped, fell to zero, exploded, vanished, appeared or "
        "froze, and the bytes of an earlier backup. Which tables: on backproof's page of the run.",
        {"A": f"max by (job, instance, target, drift) ({M.of('last_run_drifts')})"},
        {"drift": "What", "Value #A": "Times"}, sort="Value #A", no_value="Nothing unusual", hidden=["job", "instance", "target"],
        overrides=[override("Times", decimals=0, custom__width=80)])


def causes_table():
    shown, ever = M.causes("job, instance, target")
    return table(
        "Why runs did not pass",
        "How many runs did not pass in the time range shown, and ever. **Backup**: the backup is bad. **Test**: the test could not be "
        "done. What the run itself said is on backproof's page, and in `backproof history --target`.",
        {"A": shown, "B": ever},
        {"meaning": "What it means", "Value #A": "Runs", "Value #B": "Ever", "cause": "Cause"}, sort="Value #A", no_value="No such run",
        hidden=["job", "instance", "target"],
        overrides=[override("What it means", mappings=words(CAUSES), custom__minWidth=232), override("Cause", custom__width=120),
                   override("Runs|Ever", regex=True, decimals=0, custom__width=65)])


def phase(i, name):
    return chr(ord("A") + i), M.one("last_run_phase_duration_seconds", f'phase="{name}"')


def phases_now():
    return bars(
        "Phases of the last run", "Where the last run spent its time, in the order of the phases. 0 s = the run did not get there.",
        [query(*phase(i, name), name) for i, (name, _) in enumerate(PHASES)], "s", decimals=1, noValue="It never ran",
        overrides=[override(name, color={"mode": "fixed", "fixedColor": color}) for name, color in PHASES])


def phases_over_time():
    return series(
        "Time of the runs, by phase",
        "The phases of the newest run at every moment, on top of each other: the whole is how long that run worked.",
        [over_time(ref, f"{expr} > 0", name) for i, (name, _) in enumerate(PHASES) for ref, expr in [phase(i, name)]],
        "s", custom=STEPS | {"lineWidth": 0, "fillOpacity": 75, "stacking": {"mode": "normal", "group": "A"}}, decimals=1,
        noValue="It never ran",
        overrides=[override(text, color={"mode": "fixed", "fixedColor": color}) for text, color in PHASES])


def dashboard():
    m = M.one
    ended = lambda counter: f"sum(round(increase({counter}[$__rate_interval])))"
    fixed = lambda color: {"mode": "fixed", "fixedColor": color}
    failures = M.of("run_failures_total")
    phase_of_run = " + ".join(f"{i} * " + m("run_phase", f'phase="{name}"') for i, (name, _) in enumerate(PHASES, 1))
    return make_dashboard(
        "backproof-target", "Backup verification / Target",
        "One target: what its last runs found, how long they took, what they restored, and how that stands to its objectives.",
        [variable("job", "Job", "label_values(backproof_exporter_build_info, job)", all_value=".+"),
         variable("instance", "Instance", 'label_values(backproof_exporter_build_info{job=~"$job"}, instance)', all_value=".+"),
         variable("target", "Target", f"label_values(backproof_target_info{{{M.process}}}, target)", multi=False)],
        [annotation("backproof started", f"changes(process_start_time_seconds{{{M.process}}}[$__rate_interval]) > 0",
                    "backproof on {{instance}} started", BLUE),
         annotation("Runs that did not pass", f"increase({failures}[$__rate_interval]) > 0.5", "Did not pass: {{cause}}", RED)],
        {
            "$target": [(4, [(6, answer()), (18, where_it_stands())]), (4, [(24, in_numbers())])],
            "Results": [
                (6, [(24, timeline(
                    "Can we restore? Over time",
                    "**Can we restore?** is the worst news of the target at every moment shown, **Last run** the result of the newest run "
                    "then, **Running** the phase of the run that was going on.",
                    [over_time("A", M.answer(), "Can we restore?"), over_time("B", M.result(), "Last run"),
                     over_time("C", f"({phase_of_run}) > 0", "Running")],
                    ANSWERS, [override("Last run", mappings=mapping(RESULTS)),
                              override("Running", mappings=mapping([(i, name, color) for i, (name, color) in enumerate(PHASES, 1)]))]))]),
                (7, [(9, checks_table()), (5, drift_table()), (10, causes_table())]),
                (4, [(24, selftest())]),
            ],
            "Against the objectives": [
                (9, [(8, series(
                    "Age of the last pass",
                    "A pass sets the age back to 0. Above the dashed line (max_age) the proof is overdue.",
                    [over_time("A", M.age("last_success"), "Last pass"),
                     over_time("B", f"{m('verification_max_age_seconds')} > 0", "Limit")],
                    "s", decimals=1, overrides=[dashed("Limit"), override("Last pass", color=fixed("blue"))], noValue="It never passed")),
                    (8, series(
                        "Age of the backups",
                        "The newest backup found, and the one that is proven to restore. A newest backup above the dashed line (rpo) is "
                        "too old: more data would be lost than agreed.",
                        [over_time("A", M.age("backup_latest"), "Newest backup"),
                         over_time("B", M.age("backup_verified"), "Proven backup"),
                         over_time("C", f"{m('rpo_objective_seconds')} > 0", "Objective")],
                        "s", decimals=1, overrides=[dashed("Objective"), override("Newest backup", color=fixed("blue")),
                                        override("Proven backup", color=fixed("green"))], noValue="No backup was found")),
                    (8, series(
                        "Restore time",
                        "Measured time to fetch and restore. Above the dashed line (rto) a restore takes longer than agreed.",
                        [over_time("A", f"{m('last_restore_duration_seconds')} > 0", "Restore"),
                         over_time("B", f"{m('rto_objective_seconds')} > 0", "Objective")],
                        "s", decimals=1, custom=STEPS, overrides=[dashed("Objective"), override("Restore", color=fixed("blue"))],
                        noValue="Nothing was restored yet"))]),
            ],
            "Recovery drills": [(4, [(24, drill())]), (8, [(14, drills_over_time()), (10, drill_stages())])],
            "Runs": [
                (9, [(14, phases_over_time()), (10, phases_now())]),
                (7, [(12, series(
                    "Finished runs",
                    "How many runs ended, passed and not. One bar is a sixtieth of the time range.",
                    [query("A", f"{ended(M.of('runs_total'))} - {ended(failures)}", "passed", instant=False, interval="5m"),
                     query("B", ended(failures), "did not pass", instant=False, interval="5m")],
                    "none", custom=BARS | {"axisSoftMax": 1}, decimals=0,
                    overrides=[override("passed", color=fixed(GREEN)), override("did not pass", color=fixed(RED))])),
                    (12, series(
                        "Starts that were missed",
                        "Runs that were due and did not start, by reason: backproof was not running (downtime), the last run still was "
                        "(overlap), or too many waited (queue_full). One bar is a sixtieth of the time range.",
                        [query("A", f"sum by (reason) (round(increase({M.of('schedule_misfires_total')}[$__rate_interval])))",
                               "{{reason}}", instant=False, interval="5m")],
                        "none", custom=BARS | {"axisSoftMax": 1}, decimals=0,
                        overrides=[override(reason, color=fixed(color)) for reason, color in MISFIRES]))]),
            ],
            "Which backups are proven": [
                (9, [(12, series(
                    "Backups that the source holds",
                    "All that were found when it was last listed; those that no run has judged yet; those that were bad when last "
                    "verified; and those that the policy (every_new, coverage) should have had verified by now.",
                    [over_time("A", m("backups"), "Found"), over_time("B", m("backups_unverified"), "Never verified"),
                     over_time("C", m("backups_failed"), "Bad"), over_time("D", m("backups_overdue"), "Late")],
                    "none", custom=STEPS, decimals=0, noValue="The source was not listed",
                    overrides=[override("Found", color=fixed("blue")), override("Never verified", color=fixed(GREY)),
                               override("Bad", color=fixed(RED)), override("Late", color=fixed(ORANGE))])),
                    (12, series(
                        "Share of the backups that ever passed",
                        "How many of the backups that the source holds passed at least once. At 0 % there is nothing that is known to "
                        "restore.",
                        [over_time("A", m("backups_verified_ratio"), "Passed")], "percentunit", custom=STEPS, legend=NO_LEGEND,
                        color=fixed(GREEN), decimals=0, min=0, max=1, noValue="The source was not listed"))]),
                (4, [(24, timeline(
                    "Whether the source could be listed",
                    "Where it cannot, backproof sees neither new backups nor that there are none.",
                    [over_time("A", m("backup_inventory_up"), "Source")], [(0, "No", RED), (1, "Yes", GREEN)]))]),
            ],
            "What was restored": [
                (9, [(8, series(
                    "Size",
                    "The newest backup as it lies there, compressed, and the database that the last completed restore of the newest one made. "
                    "A sudden drop means that something is missing.",
                    [over_time("A", f"{m('last_restore_bytes')} > 0", "Restored database"),
                     over_time("B", f"{m('backup_latest_bytes')} > 0", "Newest backup")],
                    "bytes", custom=STEPS, noValue="Nothing was restored yet",
                    overrides=[override("Restored database", color=fixed("blue")), override("Newest backup", color=fixed(GREY))])),
                    (8, series("Rows", "Rows of all tables that the last completed restore of the newest backup made, counted one by one.",
                               [over_time("A", f"{m('last_restore_rows')} > 0", "Rows")], "short", custom=STEPS,
                               legend=NO_LEGEND, color=fixed("blue"), noValue="Nothing was restored yet")),
                    (8, series("Tables", "Tables that the last completed restore of the newest backup made.",
                               [over_time("A", f"{m('last_restore_tables')} > 0", "Tables")], "none", custom=STEPS,
                               legend=NO_LEGEND, color=fixed("blue"), decimals=0, noValue="Nothing was restored yet"))]),
            ],
        })
