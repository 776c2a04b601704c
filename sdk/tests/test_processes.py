"""What only shows in processes of their own: the end, forks, and the entry point of opentelemetry-instrument."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from conftest import KEY, Reply

SOURCE = Path(__file__).parents[1] / "src"
pytestmark = pytest.mark.integration


def run(
    program: str | Path, url: str, *, seconds: float = 30, **environ: str
) -> subprocess.CompletedProcess[str]:
    ours = ("TUTELA_", "OTEL_", "HTTP_PROXY", "http_proxy")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        [
            sys.executable,
            "-W",
            "error",
            *([program] if isinstance(program, Path) else ["-c", textwrap.dedent(program)]),
        ],
        env={**clean, "PYTHONPATH": str(SOURCE), "TUTELA_ENDPOINT": url, "TUTELA_KEY": KEY, **environ},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def test_spans_of_a_program_that_just_ends_arrive(receiver):
    done = run(
        """
        import tutela
        tutela.register()
        with tutela.model_call("m"):
            pass
        """,
        receiver.url,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert receiver.names() == ["chat m"]


def test_a_program_whose_endpoint_hangs_starts_runs_and_ends_in_time(receiver):
    receiver.judge = lambda _: Reply(delay=60)
    began = time.monotonic()
    done = run(
        """
        import time, tutela
        began = time.monotonic()
        tutela.register(delay=0.01, shutdown_timeout=1)
        for _ in range(3000):
            with tutela.model_call("m"):
                pass
        print(time.monotonic() - began)
        """,
        receiver.url,
    )
    assert done.returncode == 0
    assert float(done.stdout) < 3
    assert time.monotonic() - began < 8
    assert "The process ended before all spans were delivered" in done.stderr


def test_a_program_without_any_server_works_and_says_so(receiver):
    receiver.stop()
    done = run(
        """
        import tutela
        tutela.register(shutdown_timeout=0.5)
        with tutela.model_call("m"):
            print("works")
        """,
        receiver.url,
    )
    assert (done.returncode, done.stdout) == (0, "works\n")
    assert "cannot be reached" in done.stderr


FORK = """
    import os, tutela
    handle = tutela.register(delay=60, service_name="prefork")
    with tutela.tool("parent-before"):
        pass
    children = []
    for number in range(2):
        pid = os.fork()
        if pid == 0:
            with tutela.tool(f"child-{number}"):
                pass
            ok = handle.force_flush(10) and handle.status.sent == 1
            os._exit(0 if ok else 1)
        children.append(pid)
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]
    with tutela.tool("parent-after"):
        pass
    assert codes == [0, 0], codes
    assert handle.shutdown(10) and handle.status.sent == 2, handle.status
"""


def test_forked_workers_send_their_own_spans_and_the_parent_its_own(receiver):
    done = run(FORK, receiver.url)
    assert done.returncode == 0, done.stderr
    assert sorted(receiver.names()) == [
        "execute_tool child-0", "execute_tool child-1", "execute_tool parent-after", "execute_tool parent-before",
    ]  # fmt: skip
    instances = {
        name: resource["service.instance.id"]
        for name, resource in zip(receiver.names(), receiver.resources, strict=True)
    }
    assert len(set(instances.values())) == 3, "each process is an instance of its own"


def test_a_fork_in_the_middle_of_sending_neither_hangs_nor_doubles(receiver):
    receiver.judge = lambda _: Reply(delay=0.05)
    done = run(
        """
        import os, threading, tutela
        handle = tutela.register(delay=0.001, batch_size=2)
        def busy():
            for number in range(150):
                with tutela.tool("parent"):
                    pass
        worker = threading.Thread(target=busy); worker.start()
        codes = []
        for number in range(10):
            pid = os.fork()
            if pid == 0:
                with tutela.tool("child"):
                    pass
                os._exit(0 if handle.force_flush(20) else 1)
            codes.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        worker.join()
        assert codes == [0] * 10, codes
        assert handle.shutdown(20), handle.status
        """,
        receiver.url,
        seconds=60,
    )
    assert done.returncode == 0, done.stderr
    assert receiver.names().count("execute_tool parent") == 150
    assert receiver.names().count("execute_tool child") == 10
    assert len({span.span_id for span in receiver.spans}) == 160


@pytest.mark.parametrize("parent", ["tutela.register(delay=60)", "pass"], ids=["parent too", "child only"])
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_children_of_multiprocessing_send_before_they_end(receiver, tmp_path, method, parent):
    program = tmp_path / "program.py"
    program.write_text(
        textwrap.dedent(
            f"""
            import multiprocessing, tutela
            def work(number):
                tutela.register(delay=60)
                with tutela.tool(f"child-{{number}}"):
                    pass
            if __name__ == "__main__":
                {parent}
                context = multiprocessing.get_context("{method}")
                children = [context.Process(target=work, args=(number,)) for number in range(2)]
                [child.start() for child in children]
                [child.join() for child in children]
            """
        )
    )
    done = run(program, receiver.url)
    assert done.returncode == 0, done.stderr
    assert {"execute_tool child-0", "execute_tool child-1"} <= set(receiver.names()), done.stderr


def test_the_configurator_works_with_variables_only(receiver):
    done = run(
        """
        from tutela._configurator import TutelaConfigurator
        TutelaConfigurator().configure(auto_instrumentation_version="0")
        from opentelemetry import trace
        trace.get_tracer("app").start_span("from the app").end()
        """,
        receiver.url,
        OTEL_SERVICE_NAME="app",
        TUTELA_DEPLOYMENT="app/production",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert receiver.names() == ["from the app"]
    assert receiver.resources[0]["service.name"] == "app"
    assert receiver.resources[0]["tutela.deployment"] == "app/production"


def test_the_configurator_leaves_programs_alone_that_do_not_ask_for_tutela(receiver):
    done = run(
        """
        from tutela._configurator import TutelaConfigurator
        TutelaConfigurator().configure()
        import tutela._register
        assert not tutela._register.current().enabled
        """,
        "",
        TUTELA_KEY="",
    )
    assert (done.returncode, done.stderr) == (0, "")
