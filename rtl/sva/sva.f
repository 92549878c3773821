sva/waivers.vlt
sva/pcs_pe_sva.sv
sva/pcs_array_sva.sv
