from . import bench_thread_message
