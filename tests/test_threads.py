"""Threads: linear algebra keeps to one thread, and its libraries are looked for once."""

from threadpoolctl import ThreadpoolController, threadpool_info

from pipeline.threads import use_one_thread


def count_threads():
    """Count the threads that linear algebra may use."""
    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}


def test_it_is_one_thread_inside_and_as_before_outside():
    """Also when somebody is inside already."""
    with use_one_thread():
        pass
    before = count_threads()
    with use_one_thread():
        with use_one_thread():
            assert count_threads() == {1}
        assert count_threads() == {1}
    assert count_threads() == before


def test_libraries_are_looked_for_once(monkeypatch):
    """Looking again while another thread imports one could make both wait for ever."""
    with use_one_thread():
        pass
    monkeypatch.setattr(ThreadpoolController, "_load_libraries", lambda self: 1 / 0)
    with use_one_thread():
        pass
