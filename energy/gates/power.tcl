# Timing and instance powers of the mapped PE.  `characterize` fills in the words in @.
read_liberty @LIBERTY@
read_verilog @WORK@/netlist.v
link_design pcs_pe
create_clock -name clk -period @PERIOD_NS@ clk_i
set_input_delay @INPUT_NS@ -clock clk [get_ports {rst_ni en_i a_i* b_i* drain_shift_i drain_pop_i drain_i*}]
set_load @LOAD_PF@ [all_outputs]
report_worst_slack -digits 6
set_power_activity -global -activity 0
report_power -digits 8 -instances [get_cells *] > @WORK@/idle.txt
set_power_activity -global -activity 1
report_power -digits 8 -instances [get_cells *] > @WORK@/busy.txt
exit
